#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("certlogic"), |input: &[u8]| fuzz::check("certlogic", input));
