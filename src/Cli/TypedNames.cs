using System.CommandLine;

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
        if (end > 0 && Of(command, sentence[..end]) is { } typed) sentence = typed + sentence[end..];
        return Of(command, Anyway) is { } anyway ? sentence.Replace($"'{Anyway}'", anyway, StringComparison.Ordinal) : sentence;
    }

    /// <summary>The option or argument that a field's value came from; null where the command has none.</summary>
    private static string? Of(Command command, string field)
    {
        var bracket = field.IndexOf('[', StringComparison.Ordinal);
        if (bracket > 0) field = field[..bracket];
        var name = Others.GetValueOrDefault(field, $"--{string.Concat(field.Select(letter => char.IsUpper(letter) ? $"-{char.ToLowerInvariant(letter)}" : letter.ToString()))}");
        return command.Options.Any(option => option.Name == name) ? name : command.Arguments.FirstOrDefault(argument => argument.Name.Equals(field, StringComparison.OrdinalIgnoreCase))?.Name;
    }
}
