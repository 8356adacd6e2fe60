#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("hcert_claims"), |input: &[u8]| fuzz::check("hcert_claims", input));
