#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("hcert_cose"), |input: &[u8]| fuzz::check("hcert_cose", input));
