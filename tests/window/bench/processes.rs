//! What the app's processes take, all together, as `/proc` counts it: the app, its page, its network.

use std::fs;

/// The processes below one, itself left out: everything that the driver started.
fn below(parent: u32) -> Vec<u32> {
    let mut found = Vec::new();
    let mut parents = vec![parent];
    let all: Vec<(u32, u32)> = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let id: u32 = entry.file_name().to_str()?.parse().ok()?;
            let fields = fields(id)?;
            Some((id, fields.get(1)?.parse().ok()?))
        })
        .collect();
    while let Some(parent) = parents.pop() {
        let children = all
            .iter()
            .filter(|(_, of)| *of == parent)
            .map(|(id, _)| *id);
        let children: Vec<u32> = children.collect();
        parents.extend(&children);
        found.extend(children);
    }
    found
}

/// The fields of `/proc/ID/stat` after the program's name, which may hold anything: state, parent, …
fn fields(id: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(") ")?;
    Some(rest.split(' ').map(str::to_owned).collect())
}

/// Seconds of processor time so far, in user and system mode.
pub fn cpu(parent: u32) -> f64 {
    // The kernel counts in hundredths of a second for this file, whatever it uses itself.
    const TICKS: f64 = 100.0;
    let ticks = |id: u32| {
        let fields = fields(id)?;
        let number = |at: usize| fields.get(at)?.parse::<f64>().ok();
        Some(number(11)? + number(12)?)
    };
    below(parent).into_iter().filter_map(ticks).sum::<f64>() / TICKS
}

/// Memory in MiB: what is shared with others counts in part.
pub fn memory(parent: u32) -> f64 {
    let kib = |id: u32| {
        let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok()
    };
    below(parent).into_iter().filter_map(kib).sum::<f64>() / 1024.0
}

/// Of how many processes this is the sum.
pub fn count(parent: u32) -> usize {
    below(parent).len()
}

/// When the first program that this process started began, in milliseconds since 1970; the driver's own helpers are
/// started later. Good to a hundredth of a second.
pub fn started(parent: u32) -> Option<f64> {
    const TICK_MS: f64 = 10.0;
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split(' ').next()?.parse().ok()?;
    let now = std::time::SystemTime::now()
        .duration_since(std::time::SystemTime::UNIX_EPOCH)
        .ok()?;
    let boot = now.as_secs_f64() * 1000.0 - uptime * 1000.0;
    let ticks = |id: u32| fields(id)?.get(19)?.parse::<f64>().ok();
    let first = below(parent).into_iter().filter_map(ticks);
    Some(boot + first.fold(f64::INFINITY, f64::min) * TICK_MS)
}
