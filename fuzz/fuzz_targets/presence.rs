#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("presence"), |input: &[u8]| fuzz::check("presence", input));
