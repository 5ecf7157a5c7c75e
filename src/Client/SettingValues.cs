using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Auie.Client;

/// <summary>Says of a setting's value that cannot be read what it may be.</summary>
internal static class SettingValues
{
    /// <summary>What is wrong with a value, to be read after the setting's name; null where it can be read.</summary>
    public static string? Problem(IConfigurationSection given, PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        // A name alone, as a file has it for null, leaves the default.
        if (given.Value is not { } value || !(type.IsPrimitive || type.IsEnum || type == typeof(TimeSpan)))
            return null;
        try
        {
            _ = given.Get(type);
            // One that is empty is passed over by whoever binds it, and nobody means that.
            return value.Length > 0 ? null : Sentence(value, type);
        }
        catch (InvalidOperationException)
        {
            return Sentence(value, type);
        }
    }

    private static string Sentence(string value, Type type) => $"is '{value}'; it is {Expected(type)}.";

    private static string Expected(Type type)
    {
        if (type == typeof(TimeSpan))
            return "hours, minutes and seconds, such as 00:00:10 or 00:00:00.500";
        if (type == typeof(bool))
            return "true or false";
        if (type.IsEnum)
            return string.Join(" or ", Enum.GetNames(type));
        if (type == typeof(double) || type == typeof(float))
            return "a number, such as 0.5";
        return string.Create(CultureInfo.InvariantCulture, $"a whole number, of at most {type.GetField(nameof(int.MaxValue))?.GetValue(null):N0}");
    }
}
