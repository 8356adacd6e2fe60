#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("vds_nc"), |input: &[u8]| fuzz::check("vds_nc", input));
