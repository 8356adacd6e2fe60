#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("trust_files"), |input: &[u8]| fuzz::check("trust_files", input));
