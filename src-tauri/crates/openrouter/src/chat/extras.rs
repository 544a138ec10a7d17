//! What the service does beside asking the model: reading files, searching the web (OpenRouter docs, "Plugins",
//! "Server Tools").

use serde::Serialize;

/// Something that is done to a request before the model sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "id")]
pub enum Plugin {
    /// Reads PDF files. Not named, the service takes the dearest engine for models that take no files.
    #[serde(rename = "file-parser")]
    FileParser {
        /// How.
        pdf: PdfParser,
    },
    /// Searches the web once, for models that call no tools.
    #[serde(rename = "web")]
    Web(WebPlugin),
}

impl Plugin {
    /// Reads PDF files with this engine.
    #[must_use]
    pub fn pdf(engine: PdfEngine) -> Self {
        Self::FileParser {
            pdf: PdfParser { engine },
        }
    }
}

/// How PDF files are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PdfParser {
    /// By whom.
    pub engine: PdfEngine,
}

/// Who reads PDF files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PdfEngine {
    /// The model itself; what it reads are tokens.
    Native,
    /// Text alone, at no cost.
    CloudflareAi,
    /// Scans, too; $2 for a thousand pages.
    MistralOcr,
}

/// How the web is searched, as the plugin takes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WebPlugin {
    /// Who searches; none leaves it to the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<&'static str>,
    /// Results, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_results: Option<u32>,
    /// These sites alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include_domains: Vec<String>,
    /// None of these sites.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude_domains: Vec<String>,
}

/// A tool that the service runs when the model calls it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "parameters")]
pub enum ServerTool {
    /// Searches the web, as often as the model asks.
    #[serde(rename = "openrouter:web_search")]
    WebSearch(WebTool),
}

/// How the web is searched, as the tool takes it. Allowed and excluded sites exclude each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WebTool {
    /// Who searches; none leaves it to the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine: Option<&'static str>,
    /// Results of a search, at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_results: Option<u32>,
    /// These sites alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_domains: Vec<String>,
    /// None of these sites.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excluded_domains: Vec<String>,
}
