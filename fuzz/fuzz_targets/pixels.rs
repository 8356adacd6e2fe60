#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("pixels"), |input: &[u8]| fuzz::check("pixels", input));
