#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("nzcp"), |input: &[u8]| fuzz::check("nzcp", input));
