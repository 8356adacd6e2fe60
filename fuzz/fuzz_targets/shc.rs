#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("shc"), |input: &[u8]| fuzz::check("shc", input));
