fn main() {
    evcxr::runtime_hook();
    let _ = evcxr::CommandContext::new();
}
