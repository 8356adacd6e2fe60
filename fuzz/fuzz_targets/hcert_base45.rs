#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("hcert_base45"), |input: &[u8]| fuzz::check("hcert_base45", input));
