#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("jws"), |input: &[u8]| fuzz::check("jws", input));
