using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Auie.Client.Http;
using Auie.Core.Users;

namespace Auie.Cli;

/// <summary>Options of usual forms. What can never be meant is refused before the engine is asked, in a sentence that names the option.</summary>
internal static class OptionForms
{
    /// <summary>One of a few words, whatever the case of its letters.</summary>
    public static Option<string?> OneOf(string name, string description, params string[] words)
    {
        var option = new Option<string?>(name)
        {
            Description = description,
            HelpName = string.Join('|', words),
            CustomParser = result => Word(result, name, words, result.Tokens.Single().Value),
        };
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>A whole number within bounds.</summary>
    public static Option<int?> Whole(string name, string description, int least, int most = int.MaxValue) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => Whole(result, name, least, most),
    };

    /// <inheritdoc cref="Whole(string, string, int, int)"/>
    public static int? Whole(ArgumentResult result, string name, int least, int most = int.MaxValue)
    {
        var text = result.Tokens.Single().Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most) return value;
        result.AddError($"'{text}' is not a whole number {(most == int.MaxValue ? $"of {least} or more" : $"from {least} to {most}")}, as {name} needs.");
        return null;
    }

    /// <summary>A number within bounds.</summary>
    /// <param name="isMeant">Whether a number may be meant.</param>
    /// <param name="form">Which those are, as in: a share from 0 to 0.5.</param>
    public static Option<double?> Number(string name, string helpName, string description, Func<double, bool> isMeant, string form) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && isMeant(value)) return value;
            result.AddError($"'{text}' is not {form}, as {name} needs.");
            return null;
        },
    };

    /// <summary>An instant, as the API reads it.</summary>
    public static Option<DateTimeOffset?> Instant(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (!Moment.TryParse(text, out var instant)) result.AddError($"'{text}' is not {Moment.Forms}, as {name} needs.");
            else if (instant < EntryValidation.Earliest || instant >= EntryValidation.Latest) result.AddError($"'{text}' is not from {EntryValidation.Earliest:yyyy} and before {EntryValidation.Latest:yyyy}, as {name} needs.");
            else return instant;
            return null;
        },
    };

    /// <summary>Words joined by commas, each of a few, whatever the case of their letters.</summary>
    /// <param name="once">Whether none may be named twice.</param>
    public static Option<string[]?> WordsOf(string name, string description, bool once, params string[] words) => new(name)
    {
        Description = description,
        HelpName = "A,B,…",
        CustomParser = result =>
        {
            string?[] named = [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)).Select(text => Word(result, name, words, text))];
            if (named.Contains(null)) return null;
            if (once && named.Distinct().Count() < named.Length) result.AddError($"{name} has one of them twice: {string.Join(',', named)}.");
            return named!;
        },
    };

    private static string? Word(ArgumentResult result, string name, string[] words, string text)
    {
        if (words.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } word) return word;
        result.AddError($"'{text}' is none of {string.Join(", ", words)}, as {name} needs.");
        return null;
    }
}
