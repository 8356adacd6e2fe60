#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("shc_chunks"), |input: &[u8]| fuzz::check("shc_chunks", input));
