//! The program: everything that touches the terminal, the clock, the environment and the exit
//! code, and answers signals. What is to be done is settled in [`stopwhy::cli`], how in [`stopwhy::run`].

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};
use stopwhy::cli::{self, Command, Loudness, Request, Stop};
use stopwhy::homes::{self, Machine};
use stopwhy::outcome::{BROKEN, FINE, NOT_DONE};
use stopwhy::output::{self, Audience, Target};
use stopwhy::plan::Root;
use stopwhy::say::{Color, Complaint};
use stopwhy::source::Meter;
use stopwhy::{report, run};

fn main() -> ExitCode {
    // The words of a panic could hold input, so only its place is said.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|at| format!("{}:{}", stopwhy::say::place(at.file()), at.line()));
        say(false, &format!("internal error at {}; please report it", place.unwrap_or_default()));
    }));
    ExitCode::from(std::panic::catch_unwind(start).unwrap_or(BROKEN))
}

fn start() -> u8 {
    match cli::parse(std::env::args_os()) {
        Ok(Command::Report(request)) => analyse(*request),
        Ok(Command::Explain(cause)) => print(&report::explain(cause.word()).unwrap_or_default()),
        Ok(Command::Schema) => print(&report::schema()),
        Err(Stop::Help(text)) => print(&text),
        Err(Stop::Usage(text)) => {
            let _ = std::io::stderr().write_all(text.as_bytes());
            NOT_DONE
        }
        Err(Stop::Error(complaint)) => fail(colored(Color::Auto), &complaint, NOT_DONE),
    }
}

/// `stopwhy report`.
fn analyse(mut request: Request) -> u8 {
    let (begun, color, loudness) = (Instant::now(), colored(request.color), request.loudness);
    let tell = |least: Loudness, text: &str| {
        if loudness >= least {
            say(color, text);
        }
    };
    if request.plan.roots.is_empty() {
        let found = homes::find(&Here);
        homes::said(&found, &homes::astray(&Here)).iter().for_each(|line| tell(Loudness::Normal, line));
        request.plan.roots = found.into_iter().map(|home| Root::Path(home.path)).collect();
    }
    let mut name = [0; 8];
    if getrandom::fill(&mut request.plan.key).and_then(|()| getrandom::fill(&mut name)).is_err() {
        return fail(color, &Complaint::new("random numbers", "the operating system gives none", ""), NOT_DONE);
    }
    request.plan.scratch = std::env::temp_dir().join(format!("stopwhy-{:016x}", u64::from_be_bytes(name)));
    let writing = Arc::new(Mutex::new(()));
    heed_signals(request.plan.scratch.clone(), Arc::clone(&writing));
    let meter = Meter::new();
    let mut done = match with_bar(&request, color, &meter, || run::report(&request, &meter)) {
        Ok(done) => done,
        Err(stop) => return fail(color, stop.complaint(), stop.code()),
    };
    let written = {
        let _busy = writing.lock();
        done.write(&mut std::io::stdout().lock())
    };
    if let Err(stop) = written {
        return fail(color, stop.complaint(), stop.code());
    }
    if done.outcome.pipe_closed {
        return FINE;
    }
    done.summary.details().iter().chain(&done.written()).for_each(|line| tell(Loudness::Verbose, line));
    done.summary.unmet().iter().for_each(|complaint| tell(Loudness::Normal, &complaint.to_string()));
    done.summary.uncopied(&std::env::temp_dir()).iter().for_each(|complaint| tell(Loudness::Normal, &complaint.to_string()));
    done.summary.gaps().iter().for_each(|line| tell(Loudness::Normal, line));
    tell(Loudness::Normal, &done.summary.closing(begun.elapsed()));
    let code = done.outcome.code();
    done.summary.failing(code).iter().for_each(|complaint| say(color, &complaint.to_string()));
    // Taking millions of facts apart would be a good part of the run, and the system takes the memory at once.
    std::mem::forget(done);
    code
}

/// End on a signal as a program should that holds copies of private files: remove them, let a
/// report that is being written be written, say nothing, and tell by the exit code.
#[cfg(unix)]
fn heed_signals(scratch: PathBuf, writing: Arc<Mutex<()>>) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    // A signal that whoever started us wants ignored stays ignored (nohup, background jobs).
    let ignored = ignored_signals();
    let wanted = [SIGHUP, SIGINT, SIGTERM].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 0);
    let Ok(mut signals) = signal_hook::iterator::Signals::new(wanted) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            let _busy = writing.lock();
            // Others may still be putting files there.
            while scratch.exists() && std::fs::remove_dir_all(&scratch).is_err() {
                std::thread::sleep(Duration::from_millis(5));
            }
            #[allow(clippy::exit, reason = "the other threads cannot be asked to stop")]
            std::process::exit(128 + signal);
        }
    });
}

#[cfg(not(unix))]
fn heed_signals(_: PathBuf, _: Arc<Mutex<()>>) {}

/// The signals that this process was started to ignore, as the kernel's mask; 0 where unknown.
#[cfg(unix)]
fn ignored_signals() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

/// Do `work` under a progress bar, if one is welcome and stderr is a terminal.
fn with_bar<T>(request: &Request, color: bool, meter: &Meter, work: impl FnOnce() -> T) -> T {
    if !request.progress || !std::io::stderr().is_terminal() {
        return work();
    }
    let look = if color { "{bar:32.cyan/blue}" } else { "{bar:32}" };
    let style = ProgressStyle::with_template(&format!("reading {look} {{bytes}} of {{total_bytes}}, {{eta}} left"));
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    std::thread::scope(|scope| {
        // Dropped when the work is over, also by a panic: that ends the thread.
        let (_working, over) = mpsc::channel::<()>();
        scope.spawn(|| {
            let over = over;
            while over.recv_timeout(Duration::from_millis(100)) == Err(mpsc::RecvTimeoutError::Timeout) {
                bar.set_length(meter.total().max(meter.read()));
                bar.set_position(meter.read());
            }
            bar.finish_and_clear();
        });
        work()
    })
}

/// Text that was asked for, on stdout.
fn print(text: &str) -> u8 {
    match output::write(&[(Target::Stdout, text)], Audience::Anyone, &mut std::io::stdout().lock()) {
        Ok(_) => FINE,
        Err(complaint) => fail(colored(Color::Auto), &complaint, NOT_DONE),
    }
}

fn fail(color: bool, complaint: &Complaint, code: u8) -> u8 {
    say(color, &complaint.to_string());
    code
}

/// One line on stderr. Where that is closed or full there is nobody left to tell.
fn say(color: bool, text: &str) {
    let name = if color { "\u{1b}[1mstopwhy:\u{1b}[0m" } else { "stopwhy:" };
    let _ = writeln!(std::io::stderr(), "{name} {text}");
}

fn colored(asked: Color) -> bool {
    asked.decide(std::io::stderr().is_terminal(), &|name| Here.var(name))
}

/// The machine this runs on, with its environment.
struct Here;

impl Machine for Here {
    fn var(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }
}
