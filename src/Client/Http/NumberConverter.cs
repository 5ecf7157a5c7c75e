using System.Text.Json;
using System.Text.Json.Serialization;

namespace Auie.Client.Http;

/// <summary>
/// Numbers as JSON has them. What is no number, since it is not known or has no bound (NaN and the infinities), is written as null; JSON has nothing else for it, and most languages read no text as a number.
/// </summary>
/// <param name="readsNull">Whether null is read as NaN. Where it is not, null is refused, as what the engine is sent has to be a number.</param>
public sealed class NumberConverter(bool readsNull) : JsonConverter<double>
{
    /// <summary>For what the engine answers.</summary>
    public NumberConverter() : this(readsNull: true)
    {
    }

    public override bool HandleNull => true;

    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        readsNull && reader.TokenType == JsonTokenType.Null ? double.NaN : reader.GetDouble();

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value)) writer.WriteNumberValue(value);
        else writer.WriteNullValue();
    }
}
