using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Auie.Client.Http;

namespace Auie.Api.Tracking;

/// <summary>
/// Reads members of an event. Each method says what is wrong, or null; a member that is absent or null reads as null.
/// </summary>
internal static class Values
{
    private static readonly SearchValues<char> Controls = SearchValues.Create([.. Enumerable.Range(0, 0xA0).Select(unit => (char)unit).Where(char.IsControl)]);

    public static bool IsAbsent(this JsonElement value) => value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>A text.</summary>
    public static Fault? Text(JsonElement value, string field, out string? text)
    {
        text = null;
        if (value.IsAbsent()) return null;
        if (value.ValueKind != JsonValueKind.String) return new(field, "must be a text");
        return TryText(value, out text) ? null : new(field, "is not valid text");
    }

    /// <summary>An id: a text, or a number as it is written.</summary>
    public static Fault? Id(JsonElement value, string field, int most, out string? id)
    {
        id = null;
        if (value.IsAbsent()) return null;
        if (value.ValueKind == JsonValueKind.Number) id = value.GetRawText();
        else if (value.ValueKind != JsonValueKind.String) return new(field, "must be a text or a number");
        else if (!TryText(value, out id)) return new(field, "is not valid text");
        return IdProblem(id!, most) is { } reason ? new(field, reason) : null;
    }

    /// <summary>A text with the limits of an id.</summary>
    public static Fault? Name(JsonElement value, string field, out string? name) =>
        Text(value, field, out name) ?? (name is not null && IdProblem(name, TrackingLimits.Id) is { } reason ? new Fault(field, reason) : null);

    /// <summary>A truth value.</summary>
    public static Fault? Truth(JsonElement value, string field, out bool? truth)
    {
        truth = value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };
        return truth is not null || value.IsAbsent() ? null : new(field, "must be true or false");
    }

    /// <summary>An object.</summary>
    public static Fault? Object(JsonElement value, string field) =>
        value.ValueKind == JsonValueKind.Object || value.IsAbsent() ? null : new(field, "must be an object");

    /// <summary>An instant in ISO 8601 from 1900 to 2200; without an offset it is in UTC.</summary>
    public static Fault? Instant(JsonElement value, string field, out DateTimeOffset? at)
    {
        at = null;
        if (value.IsAbsent()) return null;
        if (value.ValueKind != JsonValueKind.String || !TryInstant(value, out var read))
            return new(field, "is not an instant in ISO 8601, as in 2012-10-01T18:30:00.000Z");
        if (read < TrackingLimits.Earliest || read >= TrackingLimits.Latest)
            return new(field, $"must lie from {TrackingLimits.Earliest:yyyy} and before {TrackingLimits.Latest:yyyy}");
        at = read;
        return null;
    }

    /// <summary>Why a text is no id, or null.</summary>
    public static string? IdProblem(string id, int most)
    {
        if (id.Length == 0) return "must not be empty";
        // No unit of UTF-16 takes more than three bytes.
        if (id.Length * 3 > most && (id.Length > most || Encoding.UTF8.GetByteCount(id) > most)) return $"must not be longer than {most} bytes";
        if (id == TrackingLimits.Anonymous) return $"must not be '{TrackingLimits.Anonymous}' alone";
        return id.AsSpan().ContainsAny(Controls) ? "must not hold control characters" : null;
    }

    /// <summary>The text of a string, false where it is not valid: JSON may hold half a surrogate pair, and bytes that are no UTF-8.</summary>
    public static bool TryText(JsonElement value, out string? text)
    {
        try
        {
            text = value.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            text = null;
            return false;
        }
    }

    /// <summary>A value as it is written, false where it is not valid text.</summary>
    public static bool TryRaw(JsonElement value, out string? text)
    {
        text = null;
        var written = JsonMarshal.GetRawUtf8Value(value);
        if (!Utf8.IsValid(written)) return false;
        text = Encoding.UTF8.GetString(written);
        return true;
    }

    /// <summary>Whether a text as it is written holds a word, in either case.</summary>
    public static bool Holds(this JsonElement text, ReadOnlySpan<byte> word)
    {
        if (text.ValueKind != JsonValueKind.String) return false;
        var written = JsonMarshal.GetRawUtf8Value(text);
        for (var start = 0; start + word.Length <= written.Length; start++)
        {
            if (Ascii.EqualsIgnoreCase(written.Slice(start, word.Length), word)) return true;
        }

        return false;
    }

    /// <summary>Whether a text is a word, in either case.</summary>
    public static bool Is(this JsonElement text, ReadOnlySpan<byte> word) =>
        text.ValueKind == JsonValueKind.String && Ascii.EqualsIgnoreCase(JsonMarshal.GetRawUtf8Value(text)[1..^1], word);

    private static bool TryInstant(JsonElement value, out DateTimeOffset at)
    {
        var written = JsonMarshal.GetRawUtf8Value(value)[1..^1];
        var time = written.IndexOf((byte)'T');
        if (time > 0 && written[time..].ContainsAny("Z+-"u8))
        {
            if (value.TryGetDateTimeOffset(out at)) return true;
        }
        else if (value.TryGetDateTime(out var inUtc))
        {
            at = new DateTimeOffset(inUtc.Ticks, TimeSpan.Zero);
            return true;
        }

        at = default;
        return TryText(value, out var text) && InstantConverter.TryParse(text!, out at, out _);
    }

    /// <summary>An instant as a trait: ISO 8601, with its offset.</summary>
    public static string Written(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture);
}
