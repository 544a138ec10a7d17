//! The product lines that the catalogue's models are made from. Names are in the style of real
//! ones so that lists look as they do in life; numbers are plausible, none is a fact.

/// One author's line: every version in every tier is a model.
pub(super) struct Line {
    pub author: &'static str,
    pub display: &'static str,
    pub tokenizer: &'static str,
    /// `{}` stands for the version.
    pub name: &'static str,
    pub versions: &'static [&'static str],
    /// Appended to the name, and deciding the price; `8B` means eight billion weights.
    pub tiers: &'static [&'static str],
    /// US dollars per million tokens read, for the tier that costs once the price.
    pub price: f64,
    /// How much dearer a written token is.
    pub output_factor: f64,
    pub context: u32,
    pub longest: Option<u32>,
    /// `i`mage, `f`ile, `a`udio, `v`ideo in; `t`ools; `r`easoning, `R` mandatory; `o`pen weights.
    pub traits: &'static str,
    /// What comes out.
    pub output: &'static [&'static str],
}

type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    f64,
    f64,
    u32,
    u32,
    &'static str,
);

/// The lines whose models write text, the best known first.
pub(super) fn text() -> impl Iterator<Item = Line> {
    TEXT.iter().map(|row| line(row, &["text"]))
}

/// The lines whose models write no text.
pub(super) fn others() -> impl Iterator<Item = Line> {
    OTHERS
        .iter()
        .flat_map(|(output, rows)| rows.iter().map(move |row| line(row, output)))
}

fn line(row: &Row, output: &'static [&'static str]) -> Line {
    let &(
        author,
        display,
        tokenizer,
        name,
        versions,
        tiers,
        price,
        output_factor,
        context,
        longest,
        traits,
    ) = row;
    let longest = Some(longest).filter(|longest| *longest > 0);
    Line {
        author,
        display,
        tokenizer,
        name,
        versions,
        tiers,
        price,
        output_factor,
        context,
        longest,
        traits,
        output,
    }
}

const BARE: &[&str] = &[""];
const SIZES: &[&str] = &["4B", "8B", "14B", "32B", "70B"];
const LARGE: &[&str] = &["30B A3B", "120B A12B", "235B A22B"];

#[rustfmt::skip]
const TEXT: &[Row] = &[
    ("anthropic", "Anthropic", "Claude", "Claude Sonnet {}", &["4", "4.5", "4.6", "5", "5.5"], BARE, 3.0, 5.0, 1_000_000, 64_000, "iftr"),
    ("anthropic", "Anthropic", "Claude", "Claude Opus {}", &["4", "4.1", "4.5", "4.6", "5"], BARE, 5.0, 5.0, 1_000_000, 64_000, "iftr"),
    ("anthropic", "Anthropic", "Claude", "Claude Haiku {}", &["4.5", "5"], BARE, 1.0, 5.0, 200_000, 64_000, "iftr"),
    ("anthropic", "Anthropic", "Claude", "Claude {} Sonnet", &["3.5", "3.7"], BARE, 3.0, 5.0, 200_000, 64_000, "ift"),
    ("anthropic", "Anthropic", "Claude", "Claude {} Haiku", &["3", "3.5"], BARE, 0.8, 5.0, 200_000, 8_192, "it"),
    ("openai", "OpenAI", "GPT", "GPT-{}", &["5", "5.1", "5.2", "5.4", "6", "6.1"], &["", "Mini", "Nano", "Pro", "Codex"], 1.25, 8.0, 400_000, 128_000, "iftr"),
    ("openai", "OpenAI", "GPT", "GPT-{}", &["4.1"], &["", "Mini", "Nano"], 2.0, 4.0, 1_047_576, 32_768, "ift"),
    ("openai", "OpenAI", "GPT", "GPT-{}", &["4o"], &["", "Mini", "Audio"], 2.5, 4.0, 128_000, 16_384, "iafvt"),
    ("openai", "OpenAI", "GPT", "o{}", &["1", "3", "4"], &["", "Mini", "Pro"], 2.0, 4.0, 200_000, 100_000, "iftR"),
    ("openai", "OpenAI", "GPT", "gpt-oss {}", &["1", "2"], &["20B", "120B"], 1.0, 4.0, 131_072, 32_768, "tro"),
    ("google", "Google", "Gemini", "Gemini {} Pro", &["2.0", "2.5", "3", "3.1", "3.5"], BARE, 1.25, 8.0, 1_048_576, 65_536, "ifavtR"),
    ("google", "Google", "Gemini", "Gemini {} Flash", &["2.0", "2.5", "3", "3.1", "3.5"], &["", "Lite"], 0.3, 8.0, 1_048_576, 65_536, "ifavtr"),
    ("google", "Google", "Gemma", "Gemma {}", &["2", "3", "4"], &["4B", "12B", "27B"], 1.0, 3.0, 131_072, 32_768, "ito"),
    ("x-ai", "xAI", "Grok", "Grok {}", &["3", "4", "4.1", "4.2", "5"], &["", "Fast", "Mini"], 3.0, 5.0, 256_000, 0, "itr"),
    ("x-ai", "xAI", "Grok", "Grok Code {}", &["1", "2"], &["Fast"], 0.4, 7.5, 256_000, 10_000, "tR"),
    ("deepseek", "DeepSeek", "DeepSeek", "DeepSeek V{}", &["3", "3.1", "3.2", "4"], &["", "Flash"], 0.28, 1.5, 163_840, 65_536, "tro"),
    ("deepseek", "DeepSeek", "DeepSeek", "R{}", &["1", "2"], &["", "Distill 14B", "Distill 70B"], 0.5, 4.0, 163_840, 0, "Ro"),
    ("qwen", "Qwen", "Qwen", "Qwen{}", &["2.5", "3", "3.5", "4"], SIZES, 1.0, 3.0, 131_072, 32_768, "tro"),
    ("qwen", "Qwen", "Qwen3", "Qwen{}", &["3", "3.5", "4"], LARGE, 1.0, 4.0, 262_144, 65_536, "tro"),
    ("qwen", "Qwen", "Qwen3", "Qwen{} Coder", &["3", "3.5"], &["30B A3B", "480B A35B", "Flash", "Plus"], 1.0, 4.0, 262_144, 65_536, "to"),
    ("qwen", "Qwen", "Qwen3", "Qwen{} VL", &["2.5", "3"], &["8B", "32B", "72B"], 1.0, 3.0, 131_072, 32_768, "ivto"),
    ("qwen", "Qwen", "Qwen3", "Qwen{} Max", &["3", "3.5", "4"], BARE, 1.2, 5.0, 262_144, 65_536, "tr"),
    ("meta-llama", "Meta", "Llama3", "Llama {} Instruct", &["3", "3.1", "3.3"], &["8B", "70B", "405B"], 1.0, 1.5, 131_072, 16_384, "to"),
    ("meta-llama", "Meta", "Llama4", "Llama {}", &["4", "4.5"], &["Scout", "Maverick"], 0.2, 3.5, 1_048_576, 16_384, "ito"),
    ("mistralai", "Mistral", "Mistral", "Mistral Large {}", &["2", "2.1", "3", "3.5"], BARE, 2.0, 3.0, 262_144, 0, "ift"),
    ("mistralai", "Mistral", "Mistral", "Mistral Medium {}", &["3", "3.1", "3.5"], BARE, 0.4, 5.0, 131_072, 0, "it"),
    ("mistralai", "Mistral", "Mistral", "Mistral Small {}", &["3", "3.1", "3.2", "4"], &["24B"], 1.0, 3.0, 131_072, 0, "ito"),
    ("mistralai", "Mistral", "Mistral", "Ministral {}", &["2410", "2512"], &["3B", "8B", "14B"], 1.0, 1.0, 131_072, 0, "to"),
    ("mistralai", "Mistral", "Mistral", "Devstral {}", &["1", "1.1", "2"], &["Small", "Medium"], 0.4, 3.0, 262_144, 0, "to"),
    ("mistralai", "Mistral", "Mistral", "Magistral {}", &["2506", "2509"], &["Small", "Medium"], 2.0, 2.5, 40_960, 40_000, "R"),
    ("moonshotai", "MoonshotAI", "Other", "Kimi K{}", &["2", "2.5", "3"], &["", "Thinking"], 0.6, 4.0, 262_144, 0, "tro"),
    ("z-ai", "Z.AI", "Other", "GLM {}", &["4.5", "4.6", "4.7", "5"], &["", "Air", "Flash"], 0.6, 3.5, 202_752, 98_304, "tro"),
    ("minimax", "MiniMax", "Other", "MiniMax M{}", &["1", "2", "2.5", "3"], BARE, 0.3, 4.0, 1_000_000, 131_072, "tro"),
    ("amazon", "Amazon", "Nova", "Nova {}", &["1", "2"], &["Micro", "Lite", "Pro", "Premier"], 0.8, 4.0, 300_000, 10_240, "ivft"),
    ("nvidia", "NVIDIA", "Other", "Nemotron {}", &["2", "3"], &["9B", "49B", "120B A12B", "253B"], 1.0, 3.0, 262_144, 0, "tro"),
    ("cohere", "Cohere", "Cohere", "Command {}", &["R", "A", "B"], &["", "Plus", "7B"], 2.5, 4.0, 256_000, 8_192, "t"),
    ("perplexity", "Perplexity", "Other", "Sonar {}", &["1", "2"], &["", "Pro", "Reasoning", "Deep Research"], 1.0, 3.0, 128_000, 0, "i"),
    ("microsoft", "Microsoft", "Other", "Phi {}", &["3.5", "4", "5"], &["4B", "14B"], 1.0, 3.0, 32_768, 0, "o"),
    ("bytedance-seed", "ByteDance Seed", "Other", "Seed {}", &["1.6", "1.8", "2"], &["", "Flash"], 0.25, 8.0, 262_144, 32_768, "ivtr"),
    ("baidu", "Baidu", "Other", "ERNIE {}", &["4.5", "5"], &["21B A3B", "300B A47B", "VL 28B A3B"], 1.0, 3.5, 131_072, 12_000, "itro"),
    ("tencent", "Tencent", "Other", "Hunyuan {}", &["1", "2"], &["A13B", "T1"], 0.14, 4.0, 131_072, 131_072, "ro"),
    ("nousresearch", "Nous", "Llama3", "Hermes {}", &["3", "4"], &["14B", "70B", "405B"], 1.0, 1.5, 131_072, 0, "ro"),
    ("allenai", "AllenAI", "Other", "Olmo {}", &["2", "3", "3.1"], &["7B", "32B"], 1.0, 2.0, 65_536, 0, "ro"),
    ("ibm-granite", "IBM", "Other", "Granite {}", &["3.3", "4", "4.1"], &["3B", "8B", "32B"], 1.0, 4.0, 131_072, 0, "to"),
    ("liquid", "LiquidAI", "Other", "LFM{}", &["1", "2", "2.5"], &["1B", "8B A1B"], 1.0, 2.0, 32_768, 0, "o"),
    ("ai21", "AI21", "Other", "Jamba {}", &["1.6", "1.7", "2"], &["Mini", "Large"], 2.0, 4.0, 256_000, 4_096, "t"),
    ("arcee-ai", "Arcee AI", "Other", "Trinity {}", &["1", "2"], &["Nano", "Mini", "Large"], 0.5, 3.0, 131_072, 0, "to"),
    ("inception", "Inception", "Other", "Mercury {}", &["1", "2"], &["", "Coder"], 0.25, 4.0, 128_000, 16_384, "t"),
    ("stepfun", "StepFun", "Other", "Step {}", &["3", "3.5", "4"], &["", "Flash"], 0.5, 3.0, 65_536, 65_536, "iRo"),
    ("xiaomi", "Xiaomi", "Other", "MiMo V{}", &["2", "2.5"], &["Flash", "Pro"], 0.3, 3.0, 262_144, 65_536, "tro"),
    ("inclusionai", "inclusionAI", "Other", "Ling {}", &["1", "2", "2.5"], &["Mini", "1T"], 0.5, 4.0, 131_072, 32_768, "o"),
    ("deepcogito", "Deep Cogito", "Llama3", "Cogito V{}", &["1", "2", "2.1"], &["8B", "70B", "405B"], 1.0, 1.0, 131_072, 0, "ro"),
    ("writer", "Writer", "Other", "Palmyra X{}", &["4", "5"], BARE, 0.6, 10.0, 1_040_000, 8_192, ""),
    ("upstage", "Upstage", "Other", "Solar Pro {}", &["2", "3"], BARE, 0.15, 4.0, 131_072, 0, "tr"),
    ("rekaai", "Reka", "Other", "Reka Flash {}", &["3", "3.1"], BARE, 0.1, 2.0, 65_536, 65_536, "iro"),
    ("inflection", "Inflection", "Other", "Inflection {}", &["3"], &["Pi", "Productivity"], 2.5, 4.0, 8_000, 1_024, ""),
    ("thedrummer", "TheDrummer", "Mistral", "Cydonia V{}", &["3", "4", "4.1"], &["24B"], 1.0, 2.0, 131_072, 0, "o"),
    ("thedrummer", "TheDrummer", "Mistral", "Skyfall V{}", &["2", "3"], &["36B"], 1.0, 2.0, 32_768, 0, "o"),
    ("sao10k", "Sao10K", "Llama3", "Llama {} Euryale", &["3", "3.1", "3.3"], &["70B"], 1.0, 1.2, 32_768, 8_192, "o"),
    ("switchpoint", "Switchpoint", "Router", "Switchpoint Router {}", &["1", "2"], BARE, 0.85, 4.0, 131_072, 0, "r"),
    ("relace", "Relace", "Other", "Relace Apply {}", &["2", "3"], BARE, 0.85, 1.5, 256_000, 128_000, ""),
    ("example", "Example", "Other", "Sonnet-Style Merge {}", &["1", "2", "3"], SIZES, 1.0, 1.0, 32_768, 0, "o"),
    ("example", "Example", "Other", "Community Finetune {}", &["1", "2", "3", "4", "5", "6", "7", "8"], SIZES, 1.0, 1.0, 8_192, 0, "o"),
];

#[rustfmt::skip]
const OTHERS: &[(&[&str], &[Row])] = &[
    (&["image"], &[
        ("black-forest-labs", "Black Forest Labs", "Other", "FLUX.{}", &["1", "1.1", "2"], &["Schnell", "Dev", "Pro", "Max", "Klein"], 0.0, 1.0, 0, 0, "i"),
        ("bytedance-seed", "ByteDance Seed", "Other", "Seedream {}", &["3", "4", "4.5", "5"], &["", "Lite"], 0.0, 1.0, 4_096, 0, "i"),
        ("recraft", "Recraft", "Other", "Recraft V{}", &["2", "3", "4"], &["", "SVG"], 0.0, 1.0, 0, 0, ""),
        ("ideogram", "Ideogram", "Other", "Ideogram V{}", &["2", "3", "4"], &["", "Turbo"], 0.0, 1.0, 0, 0, "i"),
        ("stabilityai", "Stability AI", "Other", "Stable Diffusion {}", &["3", "3.5", "4"], &["Medium", "Large"], 0.0, 1.0, 0, 0, "io"),
        ("google", "Google", "Other", "Imagen {}", &["3", "4", "5"], &["", "Fast", "Ultra"], 0.0, 1.0, 0, 0, ""),
        ("openai", "OpenAI", "GPT", "GPT Image {}", &["1", "1.5", "2"], &["", "Mini"], 5.0, 8.0, 0, 0, "i"),
    ]),
    (&["embeddings"], &[
        ("openai", "OpenAI", "GPT", "Text Embedding {}", &["3", "4"], &["Small", "Large"], 0.1, 0.0, 8_192, 0, ""),
        ("qwen", "Qwen", "Qwen3", "Qwen{} Embedding", &["3", "4"], &["1B", "4B", "8B"], 1.0, 0.0, 32_768, 0, "o"),
        ("baai", "BAAI", "Other", "bge {} v1.5", &["small", "base", "large"], &["EN", "ZH"], 0.01, 0.0, 512, 0, "o"),
        ("intfloat", "intfloat", "Other", "e5 {}", &["base", "large"], &["v2", "multilingual"], 0.01, 0.0, 512, 0, "o"),
        ("sentence-transformers", "Sentence Transformers", "Other", "all-{}", &["MiniLM", "mpnet"], &["L6", "L12"], 0.005, 0.0, 512, 0, "o"),
        ("google", "Google", "Gemini", "Gemini Embedding {}", &["1", "2"], BARE, 0.15, 0.0, 20_000, 0, "i"),
        ("mistralai", "Mistral", "Mistral", "Mistral Embed {}", &["2312", "2605"], BARE, 0.1, 0.0, 8_192, 0, ""),
        ("voyageai", "Voyage AI", "Other", "Voyage {}", &["3", "3.5", "4"], &["", "Lite", "Large"], 0.12, 0.0, 32_000, 0, ""),
        ("jina-ai", "Jina AI", "Other", "Jina Embeddings V{}", &["3", "4", "5"], BARE, 0.05, 0.0, 32_768, 0, "io"),
    ]),
    (&["video"], &[
        ("google", "Google", "Other", "Veo {}", &["2", "3", "3.1"], &["", "Fast"], 0.0, 1.0, 0, 0, "i"),
        ("openai", "OpenAI", "Other", "Sora {}", &["2", "2.5"], &["", "Pro"], 0.0, 1.0, 0, 0, "i"),
        ("kling", "Kling", "Other", "Kling {}", &["2", "2.5", "3"], &["Standard", "Pro"], 0.0, 1.0, 0, 0, "iv"),
        ("alibaba", "Alibaba", "Other", "Wan {}", &["2.2", "2.5", "2.6", "3"], &["", "Flash"], 0.0, 1.0, 0, 0, "io"),
        ("bytedance-seed", "ByteDance Seed", "Other", "Seedance {}", &["1", "1.5", "2"], &["Lite", "Pro"], 0.0, 1.0, 0, 0, "i"),
        ("minimax", "MiniMax", "Other", "Hailuo {}", &["2", "2.3", "3"], &["", "Fast"], 0.0, 1.0, 0, 0, "i"),
    ]),
    (&["speech"], &[
        ("openai", "OpenAI", "GPT", "GPT TTS {}", &["1", "2"], &["", "Mini", "HD"], 0.6, 20.0, 4_096, 0, ""),
        ("google", "Google", "Gemini", "Gemini {} TTS", &["2.5", "3", "3.5"], &["Flash", "Pro"], 1.0, 20.0, 32_768, 0, ""),
        ("hexgrad", "Hexgrad", "Other", "Kokoro {}", &["0.19", "1"], &["82M"], 0.6, 0.0, 4_096, 0, "o"),
        ("minimax", "MiniMax", "Other", "Speech {}", &["2.5", "2.6", "3"], &["Turbo", "HD"], 60.0, 0.0, 10_000, 0, ""),
    ]),
    (&["transcription"], &[
        ("openai", "OpenAI", "GPT", "Whisper {}", &["2", "3"], &["Large", "Large Turbo"], 0.0, 1.0, 0, 0, "ao"),
        ("openai", "OpenAI", "GPT", "GPT Transcribe {}", &["1", "2"], &["", "Mini"], 2.5, 4.0, 16_000, 0, "a"),
        ("mistralai", "Mistral", "Mistral", "Voxtral {} Transcribe", &["1", "2"], &["Mini", "Small"], 0.0, 1.0, 32_000, 0, "ao"),
        ("nvidia", "NVIDIA", "Other", "Parakeet {}", &["2", "3"], &["1B"], 0.0, 1.0, 0, 0, "ao"),
    ]),
    (&["rerank"], &[
        ("cohere", "Cohere", "Cohere", "Rerank {}", &["3.5", "4", "4.5"], &["", "Fast", "Pro"], 0.0, 0.0, 32_768, 0, ""),
        ("jina-ai", "Jina AI", "Other", "Jina Reranker V{}", &["2", "3"], BARE, 0.05, 0.0, 131_072, 0, "o"),
        ("voyageai", "Voyage AI", "Other", "Voyage Rerank {}", &["2", "2.5"], &["", "Lite"], 0.05, 0.0, 32_000, 0, ""),
        ("qwen", "Qwen", "Qwen3", "Qwen{} Reranker", &["3", "4"], &["1B", "4B", "8B"], 1.0, 0.0, 32_768, 0, "o"),
    ]),
];
