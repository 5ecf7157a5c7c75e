using System.Text.Json;

namespace Auie.Core.Features;

/// <summary>A definition file that cannot be used: which file, where in it, what is wrong, and what would be right.</summary>
public sealed class DefinitionException(string file, string where, string reason)
    : FormatException(where.Length == 0 ? $"{file}: {reason}" : $"{file}: {where}: {reason}")
{
    public string File { get; } = file;

    /// <summary>The place in the file, such as "set 'mine', feature 'age', transform".</summary>
    public string Where { get; } = where;

    public string Reason { get; } = reason;
}

/// <summary>
/// An object of a JSON definition file, read field by field. Every complaint says file, place, field and what is allowed; a field that nobody
/// asked for is a complaint too, since it is most often a misspelt one.
/// </summary>
internal sealed class Definition
{
    private readonly JsonElement _element;

    private Definition(string file, string where, JsonElement element)
    {
        File = file;
        Where = where;
        _element = element;
    }

    public string File { get; }

    public string Where { get; private set; }

    /// <summary>Parses a file whose root is an object; comments and trailing commas are let pass.</summary>
    public static Definition Parse(string file, string json)
    {
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };
        try
        {
            using var document = JsonDocument.Parse(json, options);
            return Of(file, "", document.RootElement.Clone());
        }
        catch (JsonException exception)
        {
            throw new DefinitionException(file, exception.LineNumber is { } line ? $"line {line + 1}" : "", $"not valid JSON: {exception.Message}");
        }
    }

    /// <summary>Names the place from here on, so that complaints are about "feature 'age'" and not about the third of something.</summary>
    public Definition Called(string where)
    {
        Where = where;
        return this;
    }

    public void AllowOnly(params ReadOnlySpan<string> fields)
    {
        foreach (var property in _element.EnumerateObject())
        {
            if (!fields.Contains(property.Name))
                throw Wrong(property.Name, $"there is no such field; fields are {string.Join(", ", fields)}");
        }
    }

    public string Text(string field) => OptionalText(field) ?? throw Wrong(field, "is missing; it has to be a text");

    public string? OptionalText(string field)
    {
        if (!_element.TryGetProperty(field, out var value))
            return null;
        if (value.ValueKind != JsonValueKind.String || string.IsNullOrWhiteSpace(value.GetString()))
            throw Wrong(field, $"has to be a text that is not empty, not {value.GetRawText()}");
        return value.GetString();
    }

    public double Number(string field, double minimum, double maximum) =>
        OptionalNumber(field, minimum, maximum) ?? throw Wrong(field, $"is missing; it has to be a number from {minimum} to {maximum}");

    public double? OptionalNumber(string field, double minimum = double.MinValue, double maximum = double.MaxValue)
    {
        if (!_element.TryGetProperty(field, out var value))
            return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number) || !(number >= minimum && number <= maximum))
        {
            throw Wrong(field, minimum == double.MinValue
                ? $"has to be a number, not {value.GetRawText()}"
                : $"has to be a number from {minimum} to {maximum}, not {value.GetRawText()}");
        }

        return number;
    }

    public bool? OptionalFlag(string field)
    {
        if (!_element.TryGetProperty(field, out var value))
            return null;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(field, $"has to be true or false, not {value.GetRawText()}");
    }

    /// <summary>The objects of an array; <paramref name="item"/> names one of them in complaints.</summary>
    public IEnumerable<Definition> Items(string field, string item)
    {
        if (!_element.TryGetProperty(field, out var array) || array.ValueKind != JsonValueKind.Array)
            throw Wrong(field, "has to be an array of objects");
        return array.EnumerateArray().Select((element, index) => Of(File, Join(Where, $"{item} {index + 1}"), element));
    }

    /// <summary>The object in a field; null where the field is absent.</summary>
    public Definition? OptionalObject(string field) =>
        _element.TryGetProperty(field, out var value) ? Of(File, Join(Where, field), value) : null;

    /// <summary>The names of all fields, for objects that are maps.</summary>
    public IEnumerable<string> Fields => _element.EnumerateObject().Select(property => property.Name);

    /// <summary>Adds the place inside this object to a complaint.</summary>
    public DefinitionException Wrong(string field, string reason) => new(File, Join(Where, field), reason);

    private static Definition Of(string file, string where, JsonElement element) => element.ValueKind == JsonValueKind.Object
        ? new Definition(file, where, element)
        : throw new DefinitionException(file, where, $"has to be an object, not {element.GetRawText()}");

    private static string Join(string where, string inner) => where.Length == 0 ? inner : inner.Length == 0 ? where : $"{where}, {inner}";
}
