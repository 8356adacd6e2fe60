#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("record"), |input: &[u8]| fuzz::check("record", input));
