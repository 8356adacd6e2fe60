#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("hcert_cose"), |input: &[u8]| fuzz::credentials::hcert_cose(input));
