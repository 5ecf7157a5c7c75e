using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Auie.Client.Http;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli;

/// <summary>One run of a command: the engine it speaks to, and how it prints.</summary>
internal sealed record CliSession(CliHost Host, bool Json)
{
    private readonly AuieHttpClient? _engine;

    public AuieHttpClient Engine
    {
        get => _engine ?? throw new InvalidOperationException("This command speaks to no engine.");
        init => _engine = value;
    }

    /// <summary>Prints a value: as JSON where that is asked for, else as a person reads it.</summary>
    public void Print<T>(T value, JsonTypeInfo<T> type, Func<T, IEnumerable<IRenderable>> forPeople)
    {
        if (Json)
        {
            Host.Out.WriteLine(JsonSerializer.Serialize(value, type));
            return;
        }

        var console = Console(Host.Out);
        foreach (var part in forPeople(value))
        {
            console.Write(part);
            if (part is Text) console.WriteLine();
        }
    }

    /// <summary>Tells a person something that is not the command's result.</summary>
    public void Note(string text)
    {
        if (!Json) Host.Error.WriteLine(text);
    }

    /// <summary>A console over a writer, as wide as the host, coloured only where a person looks.</summary>
    public IAnsiConsole Console(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = Host.Interactive ? AnsiSupport.Detect : AnsiSupport.No,
            Interactive = Host.Interactive ? InteractionSupport.Detect : InteractionSupport.No,
        });
        console.Profile.Width = Host.Width;
        return console;
    }
}
