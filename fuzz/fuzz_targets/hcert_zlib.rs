#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("hcert_zlib"), |input: &[u8]| fuzz::check("hcert_zlib", input));
