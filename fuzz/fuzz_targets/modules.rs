#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("modules"), |input: &[u8]| fuzz::check("modules", input));
