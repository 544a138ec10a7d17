//! What ordinary models say: a small document about the question, so that lists, tables and code
//! are seen as they look in life. The words are canned; only their choice follows the question.

use super::behaviour::tokens;

/// A subject, the words that call it, and what is said about it.
type Topic = (&'static [&'static str], &'static str);

const TOPICS: [Topic; 8] = [
    (
        &[
            "margin", "report", "sql", "query", "revenue", "quarter", "sales",
        ],
        "Gross margin fell **2.4 points**, from 61.8 % to 59.4 %. Freight explains most of it; \
         discounting explains the rest.\n\n\
         | Driver | Effect | Pages |\n| --- | ---: | --- |\n| Freight and duties | −1.6 pt | 4, 9 |\n\
         | Discounts over 15 % | −0.7 pt | 11 |\n| Other | −0.1 pt | 12 |\n\n\
         To check it against the orders:\n\n\
         ```sql\nselect region, sum(net) / sum(gross) as margin\nfrom orders where quarter = '2026-Q3'\n\
         group by region order by margin;\n```\n\n\
         If one region stands out, look at its carrier contract before its price list.",
    ),
    (
        &["rust", "borrow", "async", "tokio", "lifetime", "ownership"],
        "The borrow has to end **before** the `.await`: a future that is suspended keeps everything \
         it still needs, and a lock guard is no exception.\n\n\
         ```rust\nlet next = {\n    let queue = queue.lock().await;\n    queue.front().cloned()\n}; \
         // the guard is dropped here\n\nif let Some(job) = next {\n    job.run().await?;\n}\n```\n\n\
         | You hold | Across `.await` | Use instead |\n| --- | --- | --- |\n\
         | `std::sync::MutexGuard` | never | a block that ends first |\n\
         | `tokio::sync::MutexGuard` | rarely | a message to an owner |\n\
         | `&T` from an `Arc<T>` | fine | |\n\n\
         The compiler's note *future is not `Send`* almost always points at the first row.",
    ),
    (
        &["tide", "name", "brand", "title", "slogan"],
        "Short, easy to say on the phone, and free of the word *app*. My three favourites:\n\n\
         | Name | Why it works | Watch out for |\n| --- | --- | --- |\n\
         | **Ebb** | three letters, says what it does | common word |\n\
         | **Slackwater** | the moment everyone waits for | ten letters |\n\
         | **Springs & Neaps** | sailors will smile | two words |\n\n\
         A quick look at what is taken:\n\n\
         ```sh\nfor name in ebb slackwater springs-and-neaps; do\n  whois \"$name.app\" | grep -q 'No match' \
         && echo \"$name is free\"\ndone\n```\n\n\
         I would choose **Slackwater**: it is the one that tells a story.",
    ),
    (
        &[
            "bread",
            "sourdough",
            "hydration",
            "recipe",
            "bake",
            "cook",
            "dough",
        ],
        "Hydration is water divided by flour, and the starter counts for both. For **1 kg** of flour \
         with 20 % starter:\n\n\
         | Hydration | Water | Crumb | Handling |\n| ---: | ---: | --- | --- |\n\
         | 65 % | 615 g | tight | easy |\n| 72 % | 692 g | open | soft |\n| 80 % | 780 g | very open | wet hands |\n\n\
         ```python\ndef water(flour, hydration, starter=0.2):\n    \"\"\"Grams to add, for a starter of equal \
         parts.\"\"\"\n    half = flour * starter / 2\n    return (flour + half) * hydration - half\n```\n\n\
         Start at 70 %, and change one thing at a time.",
    ),
    (
        &["python", "script", "csv", "parse", "file", "data", "json"],
        "The standard library is enough here. Read the rows lazily, so that the size of the file does \
         not matter:\n\n\
         ```python\nimport csv\nfrom collections import Counter\n\ndef totals(path: str) -> Counter:\n    \
         sums = Counter()\n    with open(path, newline=\"\", encoding=\"utf-8\") as file:\n        \
         for row in csv.DictReader(file):\n            sums[row[\"category\"]] += float(row[\"amount\"])\n    \
         return sums\n```\n\n\
         | Rows | Time | Memory |\n| ---: | ---: | ---: |\n| 10,000 | 0.02 s | 9 MB |\n\
         | 1,000,000 | 1.9 s | 9 MB |\n| 50,000,000 | 96 s | 9 MB |\n\n\
         Two details matter: `newline=\"\"` keeps quoted line breaks whole, and naming the **encoding** \
         makes it behave the same on every system.",
    ),
    (
        &[
            "translate",
            "lease",
            "clause",
            "contract",
            "letter",
            "email",
            "write",
        ],
        "Here is a version that keeps the meaning and loses the stiffness:\n\n\
         > We are glad to confirm the extension until 31 March. Either side may end it with two \
         months' notice, in writing.\n\n\
         | Original phrase | Now | Reason |\n| --- | --- | --- |\n\
         | *hereby acknowledge* | are glad to confirm | plain words |\n\
         | *the parties hereto* | either side | who is meant |\n\
         | *provide notification* | notice, in writing | the form matters |\n\n\
         To keep the wording in one place:\n\n\
         ```yaml\nextension:\n  until: 2027-03-31\n  notice: two months\n  form: in writing\n```\n\n\
         Please have someone local check the notice period: the law may ask for **three** months.",
    ),
    (
        &[
            "trip",
            "travel",
            "weekend",
            "visit",
            "itinerary",
            "holiday",
            "train",
        ],
        "Three days are enough if you stay near the water and walk.\n\n\
         | Day | Morning | Afternoon | Evening |\n| --- | --- | --- | --- |\n\
         | Friday | arrive, old town | harbour museum | fish market |\n\
         | Saturday | ferry to the island | lighthouse path | concert hall |\n\
         | Sunday | bakery, then the hill | gardens | train home |\n\n\
         Worth packing:\n\n- [x] a windproof jacket\n- [ ] shoes that like cobblestones\n- [ ] the ferry's winter timetable\n\n\
         ```text\nFerry   09:10  10:40  12:10   (return 16:20, 17:50)\nTrain   18:32  → home 21:05\n```\n\n\
         Book the **09:10** ferry; the later ones are full when the sun shines.",
    ),
    (
        &[
            "regex", "pattern", "match", "git", "shell", "bash", "command",
        ],
        "One line does it, and it is safe to run twice:\n\n\
         ```sh\ngit for-each-ref --format='%(refname:short) %(upstream:track)' refs/heads |\n  \
         awk '$2 == \"[gone]\" { print $1 }' |\n  xargs --no-run-if-empty git branch --delete\n```\n\n\
         | Part | What it does |\n| --- | --- |\n| `for-each-ref` | lists branches with their upstream |\n\
         | `[gone]` | keeps those whose upstream was deleted |\n| `--delete` | refuses what is not merged |\n\n\
         Use `--delete --force` only when you are **sure**: the reflog keeps the commits for 90 days.",
    ),
];

/// A document about the question, always the same for the same words.
pub(super) fn answer(question: &str, model: &str) -> String {
    let words = words(question);
    let score = |topic: &Topic| {
        words
            .iter()
            .filter(|word| topic.0.contains(&&***word))
            .count()
    };
    let best = TOPICS
        .iter()
        .rev()
        .max_by_key(|topic| score(topic))
        .filter(|topic| score(topic) > 0);
    let quoted = quote(question);
    match best {
        Some((_, text)) => format!("{quoted}{text}\n"),
        None => format!("{quoted}{}", general(&words, model)),
    }
}

/// What is thought before the answer, cut into tokens.
pub(super) fn thoughts(question: &str) -> Vec<String> {
    let words = words(question);
    let subject = subject(&words);
    tokens(&format!(
        "The question is about {subject}. A short answer comes first, then a table that compares the \
         choices, then something that can be copied. I should say where the answer may be wrong."
    ))
}

/// The first line of the question, as a quotation.
fn quote(question: &str) -> String {
    let Some(line) = question
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
    else {
        return String::new();
    };
    let short: String = line.chars().take(160).collect();
    let end = if short.len() < line.len() { "…" } else { "" };
    format!("> {short}{end}\n\n")
}

fn words(question: &str) -> Vec<String> {
    let words = question.split(|c: char| !c.is_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The longest word: seldom wrong, and never empty.
fn subject(words: &[String]) -> &str {
    words
        .iter()
        .rev()
        .max_by_key(|word| word.chars().count())
        .map_or("this", String::as_str)
}

fn general(words: &[String], model: &str) -> String {
    let subject = subject(words);
    let (first, second, third) = match words.iter().map(String::len).sum::<usize>() % 3 {
        0 => ("Start small", "Do it all at once", "Ask someone who did it"),
        1 => ("Keep what works", "Start afresh", "Wait a week"),
        _ => ("Measure first", "Trust your hunch", "Copy a good example"),
    };
    format!(
        "In short: decide what **{subject}** has to do for you, try the smallest version of it, and \
         keep only what helps.\n\n\
         | Approach | Effort | When it fits |\n| --- | --- | --- |\n\
         | {first} | low | you can change your mind later |\n\
         | {second} | high | the goal is clear and close |\n\
         | {third} | medium | others have been here before |\n\n\
         A way to keep track of it:\n\n\
         ```python\nsteps = [\"{subject}: write down the goal\", \"{first}\", \"compare\", \"decide\"]\n\n\
         for number, step in enumerate(steps, start=1):\n    print(f\"{{number}}. {{step}}\")\n```\n\n\
         If you tell me more about *{subject}*, I can be more precise.\n\n\
         *This is {model} as emulated on this computer: nothing was sent to the real one.*\n"
    )
}
