using System.CommandLine;
using System.Globalization;

namespace Auie.Cli;

/// <summary>Puts what the engine says of a request in terms of what was typed: the API's name of a field becomes the option or argument that it came from.</summary>
internal static class TypedNames
{
    /// <summary>Fields whose option has another name; of the others the name is the option's, in the API's spelling.</summary>
    private static readonly Dictionary<string, string> Others = new()
    {
        ["hours"] = "--within",
        ["ageFrom"] = "--age",
        ["ageTo"] = "--age",
        ["tenureFrom"] = "--tenure",
        ["tenureTo"] = "--tenure",
        ["friendsFrom"] = "--friends",
        ["friendsTo"] = "--friends",
        ["kMin"] = "--k",
        ["kMax"] = "--k",
        ["n"] = "-n",
    };

    private const string Anyway = "anyway";

    /// <summary>A sentence of the engine, which begins with the field that is wrong.</summary>
    public static string In(Command command, string sentence)
    {
        var end = sentence.IndexOf(": ", StringComparison.Ordinal);
        if (end > 0)
        {
            var (field, place) = Parted(sentence[..end]);
            if (Of(command, field) is { } typed && !NamesAnotherOf(typed, field, sentence[end..])) sentence = typed + place + sentence[end..];
        }

        return Of(command, Anyway) is { } anyway ? sentence.Replace($"'{Anyway}'", anyway, StringComparison.Ordinal) : sentence;
    }

    /// <summary>A field, and which of its list: items[1] is the second of items.</summary>
    private static (string Field, string Place) Parted(string named)
    {
        var bracket = named.IndexOf('[', StringComparison.Ordinal);
        return bracket > 0 && named[^1] == ']' && int.TryParse(named.AsSpan(bracket + 1, named.Length - bracket - 2), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? (named[..bracket], string.Create(CultureInfo.InvariantCulture, $", number {index + 1}")) : (named, "");
    }

    /// <summary>Whether a reason tells of another field of the same option, too: with one of them put in terms of the option it would be half in words that nobody typed.</summary>
    private static bool NamesAnotherOf(string typed, string field, string reason) =>
        Others.Any(other => other.Value == typed && other.Key != field && reason.Contains(other.Key, StringComparison.Ordinal));

    /// <summary>The option or argument that a field's value came from; null where the command has none.</summary>
    private static string? Of(Command command, string field)
    {
        var name = Others.GetValueOrDefault(field, $"--{string.Concat(field.Select(letter => char.IsUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : letter.ToString()))}");
        return command.Options.Any(option => option.Name == name) ? name : command.Arguments.FirstOrDefault(argument => argument.Name.Equals(field, StringComparison.OrdinalIgnoreCase))?.Name;
    }
}
