#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("unsigned"), |input: &[u8]| fuzz::check("unsigned", input));
