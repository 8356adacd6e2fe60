#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("certificates"), |input: &[u8]| fuzz::check("certificates", input));
