using System.Text.Json;

namespace Auie.Api.Answers;

/// <summary>Says what is wrong with JSON in terms of the request, not of the types it is read into.</summary>
internal static class JsonFailures
{
    /// <summary>The path of the member, as in traits.birthyear or kMin (empty where the text as a whole is wrong), and the reason.</summary>
    public static (string Field, string Reason) Describe(JsonException exception)
    {
        var field = exception.Path is { Length: > 1 } path ? path[1..].TrimStart('.') : "";
        var message = exception.Message;
        var end = message.IndexOf(" Path: ", StringComparison.Ordinal);
        if (end >= 0) message = message[..end];

        if (message.Contains("could not be mapped to any .NET member", StringComparison.Ordinal)) return (field, "is not a known member");
        if (message.StartsWith("Duplicate property", StringComparison.Ordinal)) return (field, "is given more than once");
        if (message.Contains("could not be converted to", StringComparison.Ordinal)) return (field, "has a value of the wrong type or out of range");
        if (message.Contains("missing required properties", StringComparison.Ordinal))
            return (field, $"lacks {message[(message.IndexOf(':') + 1)..].Trim().TrimEnd('.')}");
        if (message.Contains("doesn't allow null", StringComparison.Ordinal) || message.Contains("doesn't allow setting null", StringComparison.Ordinal))
            return (field, "must not be null");
        var place = exception.LineNumber is { } line ? $" (line {line + 1}, byte {exception.BytePositionInLine + 1})" : "";
        return (field, message.TrimEnd('.') + place);
    }
}
