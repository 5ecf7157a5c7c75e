using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Auie.Abstractions;

namespace Auie.Client.Http;

/// <summary>
/// An instant as people ask for one, the same at the command line, in a query and in an order: a date alone is its first moment in UTC; a time has its offset from UTC, as
/// <see cref="InstantConverter"/> has it. Instants of events are never dates alone.
/// </summary>
public sealed class Moment : JsonConverter<DateTimeOffset?>
{
    private const string DateForm = "yyyy-MM-dd";

    /// <summary>What may be written.</summary>
    public const string Forms = "a date, as in 2012-12-31 (its first moment in UTC), or a time with its offset from UTC, as in 2012-12-31T23:59:59Z or 2012-12-31T23:59:59+07:00";

    /// <summary>Reads a moment.</summary>
    public static bool TryParse(string text, out DateTimeOffset moment)
    {
        if (!DateTime.TryParseExact(text, DateForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)) return InstantConverter.TryParse(text, out moment, out _);
        moment = new DateTimeOffset(date, TimeSpan.Zero);
        return true;
    }

    /// <summary>Has the orders of this project that have no type of their own here read a date alone, too.</summary>
    public static void ReadIn(JsonTypeInfo type)
    {
        if (type.Type != typeof(CampaignRequest)) return;
        type.Properties.Single(property => property.PropertyType == typeof(DateTimeOffset?)).CustomConverter = new Moment();
    }

    public override DateTimeOffset? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TryParse(reader.GetString()!, out var moment) ? moment : throw new JsonException($"is not {Forms}");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options)
    {
        if (value is { } instant) writer.WriteStringValue(instant);
        else writer.WriteNullValue();
    }
}
