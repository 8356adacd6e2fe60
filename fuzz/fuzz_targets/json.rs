#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("json"), |input: &[u8]| fuzz::check("json", input));
