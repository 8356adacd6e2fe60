#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("roster"), |input: &[u8]| fuzz::check("roster", input));
