#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("batch"), |input: &[u8]| fuzz::check("batch", input));
