#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| causeway_core::fuzzing::run("office", bytes));
