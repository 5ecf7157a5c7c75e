using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Auie.Client.Http;

/// <summary>
/// An instant in ISO 8601 with its offset from UTC, as in 2012-10-01T18:30:00+02:00 or 2012-10-01T16:30:00Z. One without an offset is
/// refused: it would mean another instant on another machine.
/// </summary>
public sealed class InstantConverter : JsonConverter<DateTimeOffset>
{
    private const string Expected = "is not an instant with an offset from UTC, as in 2012-10-01T18:30:00+02:00 or 2012-10-01T16:30:00Z";

    /// <summary>Reads an instant; on failure <paramref name="reason"/> says what is expected.</summary>
    public static bool TryParse(string text, out DateTimeOffset instant, out string reason)
    {
        instant = default;
        reason = Expected;
        var time = text.IndexOf('T');
        return time > 0
            && text.AsSpan(time).ContainsAny("Z+-")
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out instant);
    }

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TryParse(reader.GetString()!, out var instant, out _)
            ? instant
            : throw new JsonException(Expected);

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
