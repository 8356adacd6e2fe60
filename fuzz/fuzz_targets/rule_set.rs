#![no_main]
libfuzzer_sys::fuzz_target!(init: fuzz::sow("rule_set"), |input: &[u8]| fuzz::check("rule_set", input));
