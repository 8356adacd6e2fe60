#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("text"), |input: &[u8]| fuzz::credentials::text(input));
