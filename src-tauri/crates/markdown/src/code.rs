//! Code: fences, the languages we name, and colours as classes from a fixed list.

use crate::escape::Escape;
use crate::source;
use std::sync::LazyLock;
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

/// A longer line is not coloured, so that a pattern cannot be made to search for long. In bytes.
pub(crate) const LONGEST_LINE: usize = 1024;
/// Code beyond this is not coloured, for the same reason. In bytes.
const LONGEST_CODE: usize = 256 * 1024;

/// What a code block in the open tail ends with.
pub(crate) const TAIL_END: &str = "</code></pre></div>";

/// Reading the set takes tens of milliseconds: the first block of code pays, and only once; [`warm`] pays for it.
static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(two_face::syntax::extra_newlines);

/// Our label, the token the syntax set knows it by, and other names people write. Without a token
/// it is not coloured: the pure Rust pattern engine has no PowerShell.
const LANGUAGES: &[(&str, &str, &[&str])] = &[
    (
        "bash",
        "bash",
        &["sh", "shell", "zsh", "console", "shell-session", "terminal"],
    ),
    ("c", "c", &["h"]),
    ("c#", "cs", &["csharp", "cs"]),
    ("c++", "cpp", &["cpp", "cc", "cxx", "hpp"]),
    ("clojure", "clj", &["clj"]),
    ("cmake", "cmake", &[]),
    ("css", "css", &[]),
    ("csv", "csv", &[]),
    ("dart", "dart", &[]),
    ("diff", "diff", &["patch"]),
    ("dockerfile", "Dockerfile", &["docker"]),
    ("elixir", "ex", &["ex", "exs"]),
    ("erlang", "erl", &["erl"]),
    ("go", "go", &["golang"]),
    ("graphql", "graphql", &["gql"]),
    ("groovy", "groovy", &["gradle"]),
    ("haskell", "hs", &["hs"]),
    ("hcl", "tf", &["terraform", "tf"]),
    ("html", "html", &["htm", "xhtml"]),
    ("ini", "ini", &["cfg", "conf"]),
    ("java", "java", &[]),
    ("javascript", "js", &["js", "jsx", "mjs", "node"]),
    ("json", "json", &["jsonc", "json5", "jsonl"]),
    ("julia", "jl", &["jl"]),
    ("kotlin", "kt", &["kt", "kts"]),
    ("latex", "tex", &["tex"]),
    ("lua", "lua", &[]),
    ("makefile", "make", &["make", "mk"]),
    ("markdown", "md", &["md"]),
    ("matlab", "matlab", &["octave"]),
    ("nix", "nix", &[]),
    ("ocaml", "ml", &["ml"]),
    ("perl", "pl", &["pl"]),
    ("php", "php", &[]),
    ("powershell", "", &["ps1", "pwsh"]),
    ("protobuf", "proto", &["proto"]),
    ("python", "py", &["py", "python3", "py3"]),
    ("r", "R", &[]),
    ("ruby", "rb", &["rb"]),
    ("rust", "rs", &["rs"]),
    ("scala", "scala", &[]),
    ("scss", "scss", &["sass"]),
    (
        "sql",
        "sql",
        &["mysql", "postgres", "postgresql", "sqlite", "plsql"],
    ),
    ("svelte", "svelte", &[]),
    ("swift", "swift", &[]),
    ("text", "", &["txt", "plain", "plaintext"]),
    ("toml", "toml", &[]),
    ("typescript", "ts", &["ts", "mts"]),
    ("tsx", "tsx", &[]),
    ("vue", "vue", &[]),
    ("xml", "xml", &["svg"]),
    ("yaml", "yaml", &["yml"]),
    ("zig", "zig", &[]),
];

/// Which class a scope gets; the first that fits, from the innermost scope outwards. An empty
/// class ends the search: the text between `${` and `}` is not a string.
const CLASSES: &[(&str, &str)] = &[
    ("comment", "tok-comment"),
    ("constant.numeric", "tok-number"),
    ("constant.character", "tok-string"),
    ("constant", "tok-constant"),
    ("support.constant", "tok-constant"),
    ("variable.function", "tok-function"),
    ("entity.name.function", "tok-function"),
    ("support.function", "tok-function"),
    ("entity.name.tag", "tok-tag"),
    ("entity.other.attribute-name", "tok-attribute"),
    ("entity.name.section", "tok-heading"),
    ("markup.heading", "tok-heading"),
    ("markup.inserted", "tok-inserted"),
    ("markup.deleted", "tok-deleted"),
    ("entity.name", "tok-type"),
    ("entity.other.inherited-class", "tok-type"),
    ("support.type", "tok-type"),
    ("support.class", "tok-type"),
    ("storage.type.numeric", "tok-number"),
    ("storage", "tok-keyword"),
    ("keyword.operator.word", "tok-keyword"),
    ("keyword.operator", ""),
    ("keyword", "tok-keyword"),
    ("variable.language", "tok-constant"),
    ("variable.parameter", "tok-variable"),
    ("variable.other.member", "tok-variable"),
    ("string", "tok-string"),
    ("meta.interpolation", ""),
    ("meta.template.expression", ""),
    ("source", ""),
];

static SCOPES: LazyLock<Vec<(Scope, &str)>> = LazyLock::new(|| {
    let scope = |(name, class): &(&str, &'static str)| Some((Scope::new(name).ok()?, *class));
    CLASSES.iter().filter_map(scope).collect()
});

/// An opening fence.
pub(crate) struct Fence {
    mark: char,
    run: usize,
    indent: usize,
    pub(crate) code: Code,
}

impl Fence {
    /// The fence that this line opens at top level.
    pub(crate) fn open(line: &str) -> Option<Fence> {
        let rest = line.trim_start_matches(' ');
        let indent = line.len() - rest.len();
        let mark = rest.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let info = rest.trim_start_matches(mark);
        let run = rest.len() - info.len();
        let opens = indent <= 3 && run >= 3 && !(mark == '`' && info.contains('`'));
        opens.then(|| Fence {
            mark,
            run,
            indent,
            code: Code::new(info),
        })
    }

    /// Whether the line closes this fence.
    pub(crate) fn closed_by(&self, line: &str) -> bool {
        let rest = line.trim_start_matches(' ');
        let end = rest.trim_start_matches(self.mark);
        line.len() - rest.len() <= 3
            && rest.len() - end.len() >= self.run
            && end.chars().all(|c| matches!(c, ' ' | '\t'))
    }

    /// Whether the line may become one that closes this fence.
    pub(crate) fn may_close(&self, line: &str) -> bool {
        let rest = line.trim_start_matches(' ');
        line.len() - rest.len() <= 3
            && (rest.chars().all(|c| c == self.mark) || self.closed_by(line))
    }

    /// The line without the spaces that the fence itself is indented by.
    pub(crate) fn unindent<'a>(&self, line: &'a str) -> &'a str {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        &line[spaces.min(self.indent)..]
    }
}

/// The state of colouring one block of code, between two lines.
#[derive(Clone)]
pub(crate) struct Code {
    label: &'static str,
    state: Option<(ParseState, ScopeStack)>,
    seen: usize,
}

impl Code {
    /// Code in the language that the info string names, if we know it.
    pub(crate) fn new(info: &str) -> Code {
        let end = |c: char| c.is_whitespace() || matches!(c, ',' | '{' | ':' | ';');
        let word = info
            .trim()
            .split(end)
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let named = LANGUAGES
            .iter()
            .find(|(l, _, also)| *l == word || also.contains(&&*word));
        let (label, token, _) = named.copied().unwrap_or(("text", "", &[]));
        Code {
            label,
            state: syntax(token).map(|s| (ParseState::new(s), ScopeStack::new())),
            seen: 0,
        }
    }

    /// The block up to its code.
    pub(crate) fn head(&self, out: &mut String) {
        out.push_str("<div class=\"code\"><div class=\"code-head\"><span class=\"code-lang\">");
        out.push_str(self.label);
        out.push_str(
            "</span><button type=\"button\" class=\"code-copy\" data-copy>Copy</button></div>\
             <pre tabindex=\"0\"><code>",
        );
    }

    /// Colours a line, which ends with its line feed if it has one.
    pub(crate) fn line(&mut self, line: &str, out: &mut String) {
        let mut escape = Escape::default();
        self.seen += line.len();
        if self.seen > LONGEST_CODE {
            self.state = None;
        }
        let (true, Some((parse, stack))) = (line.len() <= LONGEST_LINE, &mut self.state) else {
            return escape.code(line, out);
        };
        let Ok(changes) = parse.parse_line(line, &SYNTAXES) else {
            self.state = None;
            return escape.code(line, out);
        };
        let mut open = "";
        let mut from = 0;
        let mut span = |text: &str, class: &'static str, out: &mut String| {
            if text.is_empty() {
                return;
            }
            if class != open {
                out.push_str(if open.is_empty() { "" } else { "</span>" });
                if !class.is_empty() {
                    out.push_str(&format!("<span class=\"{class}\">"));
                }
                open = class;
            }
            escape.code(text, out);
        };
        let body = line.strip_suffix('\n').unwrap_or(line);
        for (at, change) in &changes {
            let at = (*at).min(body.len()).max(from);
            span(&body[from..at], class(stack), out);
            from = at;
            if stack.apply(change).is_err() {
                *stack = ScopeStack::new();
            }
        }
        span(&body[from..], class(stack), out);
        out.push_str(if open.is_empty() { "" } else { "</span>" });
        out.push_str(&line[body.len()..]);
    }
}

/// The patterns of a language are made ready when a line first needs them, which takes as long as several frames. These
/// lines need the most usual ones of the languages that answers are full of.
const USUAL: &[(&str, &[&str])] = &[
    (
        "bash",
        &["# c\n", "for a in \"$b\" 'c'; do d --e=1 | f > g; done\n"],
    ),
    (
        "css",
        &["/* c */ .a > b:hover { color: #fff; margin: 1px 2%; }\n"],
    ),
    ("html", &["<!-- c --><p class=\"a\">b &amp; c</p>\n"]),
    (
        "javascript",
        &[
            "// c\n",
            "const f = async (a) => { return `${a}` + \"b\" + 1; };\n",
        ],
    ),
    ("json", &["{\"a\": [1, true, null, \"b\\n\"]}\n"]),
    (
        "python",
        &[
            "# c\n",
            "@d\n",
            "def f(a: int = 1) -> str:\n",
            "    return f\"{a}\" + 'b'\n",
        ],
    ),
    (
        "rust",
        &[
            "// c\n",
            "pub fn f<'a>(a: &'a str) -> u32 { println!(\"{a}\"); 1 }\n",
        ],
    ),
    ("sql", &["SELECT a, COUNT(*) FROM b WHERE c = 'd' -- e\n"]),
    (
        "typescript",
        &[
            "// c\n",
            "export function f(a: string): number { return `${a}`.length; }\n",
        ],
    ),
];

static WARM: LazyLock<()> = LazyLock::new(|| {
    for (language, lines) in USUAL {
        let mut code = Code::new(language);
        for line in *lines {
            code.line(line, &mut String::new());
        }
    }
});

pub(crate) fn warm() {
    LazyLock::force(&WARM);
}

/// Blocks of code inside lists and quotes, which are written again with the tail they are in:
/// keeps their coloured lines so that each is coloured once.
#[derive(Default)]
pub(crate) struct Cache {
    blocks: Vec<Cached>,
    /// Bytes coloured, for tests of the work done.
    pub(crate) coloured: u64,
}

struct Cached {
    info: String,
    text: String,
    html: String,
    code: Code,
}

impl Cache {
    /// Writes a whole block.
    pub(crate) fn block(&mut self, info: &str, text: &str, out: &mut String) {
        let fits = |c: &Cached| c.info == info && text.starts_with(&c.text);
        let found = self.blocks.iter().position(fits);
        let mut block = match found {
            Some(at) => self.blocks.swap_remove(at),
            None => Cached {
                info: info.to_owned(),
                text: String::new(),
                html: String::new(),
                code: Code::new(info),
            },
        };
        let done = block.text.len();
        let whole = text.rfind('\n').map_or(done, |at| at + 1).max(done);
        for line in text[done..whole].split_inclusive('\n') {
            block
                .code
                .line(&source::restore_code(line), &mut block.html);
        }
        block.text.push_str(&text[done..whole]);
        block.code.head(out);
        out.push_str(&block.html);
        if whole < text.len() {
            block
                .code
                .clone()
                .line(&source::restore_code(&text[whole..]), out);
        }
        out.push_str(TAIL_END);
        self.coloured += (text.len() - done) as u64;
        self.blocks.push(block);
        // A tail has few blocks of code, and the oldest are the ones sealed away.
        if self.blocks.len() > 8 {
            self.blocks.remove(0);
        }
    }
}

fn syntax(token: &str) -> Option<&'static SyntaxReference> {
    if token.is_empty() {
        None
    } else {
        SYNTAXES.find_syntax_by_token(token)
    }
}

fn class(stack: &ScopeStack) -> &'static str {
    let fits = |scope: &Scope| {
        SCOPES
            .iter()
            .find(|(prefix, _)| prefix.is_prefix_of(*scope))
    };
    stack
        .as_slice()
        .iter()
        .rev()
        .find_map(fits)
        .map_or("", |(_, class)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_ready_is_of_languages_that_are_known() {
        warm();
        for (language, _) in USUAL {
            let code = Code::new(language);
            assert!(
                code.label == *language && code.state.is_some(),
                "{language}"
            );
        }
    }
}
