using System.Security.Cryptography;
using System.Text;

namespace Auie.Api.Page;

/// <summary>
/// The page as one HTML document that asks nobody for anything but the engine: its style, its script and the charts (where the build made
/// them) stand in it, and its policy allows these, by their hashes, and no other.
/// </summary>
internal sealed class EnginePage
{
    private readonly string _template, _css, _script, _charts;

    /// <param name="charts">The charts' script; null for a page without charts.</param>
    internal EnginePage(string? charts)
    {
        _template = Read("page.html") ?? throw new InvalidOperationException("The page is not in the assembly.");
        _css = Read("page.css") ?? throw new InvalidOperationException("The page's style is not in the assembly.");
        _script = Read("page.js") ?? throw new InvalidOperationException("The page's script is not in the assembly.");
        _charts = charts ?? "";
        var scripts = string.Join(' ', new[] { _charts, _script }.Where(script => script.Length > 0).Select(HashOf));
        Policy = $"default-src 'none'; script-src {scripts}; style-src {HashOf(_css)}; img-src data:; base-uri 'none'; form-action 'none'";
    }

    /// <summary>The page with the charts that this build has.</summary>
    public static EnginePage OfBuild { get; } = new(Read("charts.js"));

    private string Policy { get; }

    /// <summary>The Content-Security-Policy of the live page, for the header: what a document cannot say of itself is added.</summary>
    public string PolicyHeader => $"{Policy}; connect-src 'self'; frame-ancestors 'none'";

    /// <summary>The page that reads the running engine.</summary>
    /// <param name="needsKey">Whether the engine asks for keys, so that the page asks for one first.</param>
    public string Live(bool needsKey) => Fill($"{Policy}; connect-src 'self'", needsKey, "");

    /// <summary>The page of a state, which asks for nothing. The JSON must have its '&lt;' escaped, as System.Text.Json does.</summary>
    public string Of(string json)
    {
        if (json.Contains('<', StringComparison.Ordinal)) throw new ArgumentException("A '<' could end the script that the data stands in.", nameof(json));
        return Fill($"{Policy}; connect-src 'none'", needsKey: false, $"<script type=\"application/json\" id=\"data\">{json}</script>\n");
    }

    // Split rather than replaced: no text that is put in can be taken for a place.
    private string Fill(string policy, bool needsKey, string data)
    {
        var page = new StringBuilder();
        foreach (var part in _template.Split("{{"))
        {
            var end = part.IndexOf("}}", StringComparison.Ordinal);
            if (end < 0)
            {
                page.Append(part);
                continue;
            }

            page.Append(part[..end] switch
            {
                "policy" => policy,
                "keys" => needsKey ? "true" : "false",
                "css" => _css,
                "data" => data,
                "charts" => _charts.Length == 0 ? "" : $"<script>{_charts}</script>\n",
                "js" => _script,
                var name => throw new InvalidOperationException($"The page has no '{name}'."),
            });
            page.Append(part.AsSpan(end + 2));
        }

        return page.ToString();
    }

    // The newlines are normalised as a browser does before it hashes.
    private static string? Read(string name)
    {
        using var stream = typeof(EnginePage).Assembly.GetManifestResourceStream(name);
        if (stream is null) return null;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string HashOf(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";
}
