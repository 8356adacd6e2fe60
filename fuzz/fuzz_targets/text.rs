#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("text"), |input: &[u8]| fuzz::check("text", input));
