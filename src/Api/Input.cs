using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using Auie.Abstractions;
using Auie.Client;
using Auie.Client.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Auie.Api;

/// <summary>Reads what paths and queries hold. Each method throws <see cref="InvalidRequestException"/> naming the field that is wrong.</summary>
internal static partial class Input
{
    /// <summary>The query's word for what an answer is to hold besides.</summary>
    public const string ReturnName = "return";

    /// <summary>How a query asks for users' segments.</summary>
    public const string ReturnSegment = $"{ReturnName}=segment";

    private const int LongestId = 256;

    /// <summary>The user's id in /api/users/{id}.</summary>
    public static string UserId(HttpContext context, string routed) => Id(context, "users", routed);

    /// <summary>The item's id in /api/items/{id}.</summary>
    public static string ItemId(HttpContext context, string routed) => Id(context, "items", routed);

    /// <summary>The server leaves %2F as it is in a path, so an id with a slash is taken from the raw one.</summary>
    private static string Id(HttpContext context, string collection, string routed)
    {
        var id = routed;
        if (routed.Contains("%2F", StringComparison.OrdinalIgnoreCase)
            && context.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0].Split('/') is ["", "api", var named, var raw, ..] && named == collection)
            id = Uri.UnescapeDataString(raw);
        return IdProblem(id) is { } problem ? throw new InvalidRequestException("id", problem) : id;
    }

    /// <summary>Why a text is no id, or null: 1 to 256 characters of well-formed Unicode, no control characters, not . or .. (paths lose them).</summary>
    public static string? IdProblem(string id)
    {
        if (id.Length is 0 or > LongestId) return $"must have 1 to {LongestId} characters";
        if (id is "." or "..") return "must not be . or ..";
        if (id.Any(char.IsControl)) return "must not hold control characters";
        return IsWellFormed(id) ? null : "is not well-formed Unicode";
    }

    public static VersionToken? AtLeast(string? text)
    {
        if (text is null) return null;
        return VersionToken.TryParse(text, out var token)
            ? token
            : throw new InvalidRequestException("atLeast", $"'{text}' is not a version: partition.offset, as an answer or a receipt gave it");
    }

    /// <summary>The versions of a receipt, parted by commas.</summary>
    public static VersionToken[] AtLeastAll(string? text) => text is null ? [] : [.. text.Split(',').Select(one => AtLeast(one)!.Value)];

    /// <summary>A time with its offset. A date alone is refused: as the end of a span it would leave out the day that it names.</summary>
    public static DateTimeOffset? Instant(string field, string? text)
    {
        if (text is null) return null;
        return InstantConverter.TryParse(text, out var instant, out var reason)
            ? instant
            : throw new InvalidRequestException(field, $"'{text}' {reason}");
    }

    /// <summary>What something is as of: a date, which is its first moment in UTC, or a time with its offset.</summary>
    public static DateTimeOffset? AsOf(string? text)
    {
        if (text is null) return null;
        return Moment.TryParse(text, out var moment)
            ? moment
            : throw new InvalidRequestException("asOf", $"'{text}' is not {Moment.Forms}");
    }

    /// <summary>One of a few words of ours, whatever the case of its letters.</summary>
    public static string? Word(string field, string? text, params string[] words) => text is null ? null
        : words.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase)) ?? throw new InvalidRequestException(field, words is [var one, var other]
            ? $"'{text}' is neither {one} nor {other}" : $"'{text}' is not {string.Join(", ", words[..^1])} or {words[^1]}");

    /// <summary>Whether an answer is to say which segments users were in and are in.</summary>
    public static bool ReturnsSegments(string? returned) => returned switch
    {
        null => false,
        "segment" => true,
        _ => throw new InvalidRequestException(ReturnName, $"'{returned}' is nothing that can be returned; there is segment"),
    };

    public static int Count(int? given, int otherwise, int most)
    {
        var count = given ?? otherwise;
        return count >= 1 && count <= most ? count : throw new InvalidRequestException("count", $"{count} is not from 1 to {most}");
    }

    public static string TableName(string name) => TableNameForm().IsMatch(name)
        ? name
        : throw new InvalidRequestException("name", "must be 1 to 64 of the characters a-z, A-Z, 0-9, '.', '_' and '-', the first a letter or a digit");

    /// <summary>The name of a file that the engine is to make.</summary>
    public static string FileName(string name) => name.EndsWith(".part", StringComparison.OrdinalIgnoreCase)
        ? throw new InvalidRequestException("name", "must not end in .part: that is what a file that is not finished has")
        : TableNameForm().IsMatch(name)
        ? name
        : throw new InvalidRequestException("name", "must be 1 to 64 of the characters a-z, A-Z, 0-9, '.', '_' and '-', the first a letter or a digit");

    private static bool IsWellFormed(string text)
    {
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var used) != OperationStatus.Done) return false;
            rest = rest[used..];
        }

        return true;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.None, 1000)]
    private static partial Regex TableNameForm();
}
