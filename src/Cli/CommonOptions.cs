using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Auie.Client.Http;

namespace Auie.Cli;

/// <summary>The options that every command takes, and the session that a command gets of them.</summary>
internal sealed class CommonOptions(CliHost host)
{
    private const string DefaultEndpoint = "http://127.0.0.1:5080";

    private readonly Option<bool> _json = new("--json") { Description = "Print JSON, for programs." };

    private readonly Option<string> _endpoint = new("--endpoint")
    {
        Description = $"The engine's address. [default: AUIE_ENDPOINT, or {DefaultEndpoint}]",
        HelpName = "URL",
    };

    private readonly Option<string> _key = new("--key") { Description = "The key to send. [default: AUIE_KEY]", HelpName = "KEY" };

    /// <summary>Has a command run against the engine.</summary>
    public void Run(Command command, Func<ParseResult, CliSession, CancellationToken, Task<int>> action, params string[] examples)
    {
        command.Options.Add(_endpoint);
        command.Options.Add(_key);
        RunLocally(command, async (parse, session, cancellationToken) =>
        {
            using var http = Connect(parse);
            return await action(parse, session with { Engine = new AuieHttpClient(http) }, cancellationToken);
        }, examples);
    }

    /// <summary>Has a command run that needs no engine.</summary>
    public void RunLocally(Command command, Func<ParseResult, CliSession, CancellationToken, Task<int>> action, params string[] examples)
    {
        command.Options.Add(_json);
        HelpWithExamples.Add(command, examples);
        command.SetAction((parse, cancellationToken) => action(parse, new CliSession(host, parse.GetValue(_json)), cancellationToken));
    }

    private HttpClient Connect(ParseResult parse)
    {
        var text = parse.GetValue(_endpoint) ?? NonEmpty("AUIE_ENDPOINT") ?? DefaultEndpoint;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
            throw new CliException(ExitCodes.Usage, $"'{text}' is not an address as in {DefaultEndpoint}.");
        // A proxy for the world outside must not be asked for this machine.
        var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10), AllowAutoRedirect = false, UseProxy = !endpoint.IsLoopback };
        var http = new HttpClient(handler) { BaseAddress = endpoint, Timeout = TimeSpan.FromMinutes(10) };
        if ((parse.GetValue(_key) ?? NonEmpty("AUIE_KEY")) is not { } key) return http;
        if (key.Any(character => character is <= ' ' or > '~')) throw new CliException(ExitCodes.Usage, "the key holds characters that no key has.");
        AuieHttpClient.UseKey(http, key);
        return http;
    }

    private string? NonEmpty(string name) => host.Environment(name) is { Length: > 0 } value ? value : null;

    /// <summary>--k: one number of clusters, or the smallest and the largest to try.</summary>
    public static Option<KRange?> K(bool required) => new("--k")
    {
        Description = "The number of clusters; of several, as in 2..8, the silhouette chooses.",
        HelpName = "N|N..M",
        Required = required,
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (KRange.TryParse(text) is { } range) return range;
            result.AddError($"'{text}' is not a number of clusters: write 5, or 2..8; each from 2 to 255.");
            return null;
        },
    };

    /// <summary>--as-of: an instant.</summary>
    public static Option<DateTimeOffset?> AsOf() =>
        OptionForms.Instant("--as-of", "The instant that ages and recencies are taken at: a date, as in 2012-12-31 (its first moment in UTC), or a time with its offset, as in 2012-12-31T23:59:59Z.");

    public static Option<long?> Seed() => new("--seed")
    {
        Description = "The seed of the random draws: the same seed gives the same result. [default: 1]",
        HelpName = "N",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)) return seed;
            result.AddError($"'{text}' is not a whole number of 0 or more, as --seed needs.");
            return null;
        },
    };

    /// <summary>An option that takes names joined by commas.</summary>
    public static Option<string[]> Names(string name, string description, bool required) => new(name)
    {
        Description = description,
        HelpName = "A,B,…",
        Required = required,
        CustomParser = result => Split(result),
    };

    private static string[]? Split(ArgumentResult result)
    {
        var names = result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)).ToArray();
        if (names.Length > 0 && names.All(one => one.Length > 0)) return names;
        result.AddError($"'{string.Join(' ', result.Tokens)}' has an empty name.");
        return null;
    }
}

/// <summary>From how many to how many clusters.</summary>
public sealed record KRange(int Min, int Max)
{
    /// <summary>Reads "5" or "2..8", or gives null.</summary>
    public static KRange? TryParse(string text)
    {
        var parts = text.Split("..");
        return parts.Length <= 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var min)
            && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var max)
            && min >= 2 && min <= max && max <= 255
            ? new KRange(min, max)
            : null;
    }
}
