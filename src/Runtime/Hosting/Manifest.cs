using System.Reflection;
using Auie.Runtime.Invocation;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Runtime.Hosting;

/// <summary>Names the generated type of an assembly that makes its grains, references and serializers known.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class GeneratedManifestAttribute(Type manifest) : Attribute
{
    public Type Manifest { get; } = manifest;
}

/// <summary>What generated code makes known of one assembly.</summary>
public interface IGeneratedManifest
{
    void Describe(Manifest manifest);
}

/// <summary>A grain class as generated code describes it.</summary>
public sealed class GrainClass
{
    private readonly Lazy<ObjectFactory> _factory;

    public GrainClass() => _factory = new(() => ActivatorUtilities.CreateFactory(Type!, Type.EmptyTypes));

    public required Type Type { get; init; }

    /// <summary>The class in grain identities.</summary>
    public required string Name { get; init; }

    /// <summary>The grain interfaces that it implements.</summary>
    public required Type[] Interfaces { get; init; }

    public bool Reentrant { get; init; }

    public Func<IInvokable, bool>? MayInterleave { get; init; }

    /// <summary>How many activations share the calls of one identity; 0 where there is only ever one.</summary>
    public int Workers { get; init; }

    internal object Create(IServiceProvider services) => _factory.Value(services, null);
}

/// <summary>All grains, references and methods that a host knows.</summary>
public sealed class Manifest
{
    private readonly HashSet<Type> _described = [];
    private readonly Dictionary<Type, InterfaceEntry> _interfaces = [];
    private readonly Dictionary<string, GrainClass> _classes = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, GrainMethod> _methods = [];

    internal IReadOnlyDictionary<Type, InterfaceEntry> Interfaces => _interfaces;

    internal IReadOnlyDictionary<string, GrainClass> Classes => _classes;

    internal IReadOnlyDictionary<ulong, GrainMethod> Methods => _methods;

    /// <summary>Adds what an assembly describes, once.</summary>
    public void AddAssembly(Assembly assembly)
    {
        var attribute = assembly.GetCustomAttribute<GeneratedManifestAttribute>()
            ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no generated manifest: it does not reference the generator of Auie.Runtime.");
        AddManifest(attribute.Manifest);
    }

    /// <summary>Adds another assembly's description, once. Called by generated code.</summary>
    public void AddManifest(Type manifest)
    {
        if (_described.Add(manifest))
            ((IGeneratedManifest)Activator.CreateInstance(manifest)!).Describe(this);
    }

    /// <summary>Adds a grain interface. Called by generated code.</summary>
    public void AddInterface(Type type, Func<GrainReferenceTarget, GrainReference> makeReference, GrainMethod[] methods)
    {
        _interfaces.Add(type, new(type, makeReference));
        foreach (var method in methods)
        {
            if (!_methods.TryAdd(method.WireId, method))
                throw new InvalidOperationException($"{method} and {_methods[method.WireId]} have the same number on the wire; one of them needs another alias.");
        }
    }

    /// <summary>Adds a grain class. Called by generated code.</summary>
    public void AddClass(GrainClass grainClass)
    {
        if (!_classes.TryAdd(grainClass.Name, grainClass))
            throw new InvalidOperationException($"{grainClass.Type} and {_classes[grainClass.Name].Type} have the same grain type, '{grainClass.Name}'.");
    }

    internal void Connect()
    {
        foreach (var grainClass in _classes.Values)
        {
            foreach (var type in grainClass.Interfaces)
            {
                if (_interfaces.TryGetValue(type, out var entry))
                    entry.Classes.Add(grainClass);
            }
        }
    }
}

/// <summary>A grain interface, and the classes that implement it.</summary>
internal sealed record InterfaceEntry(Type Type, Func<GrainReferenceTarget, GrainReference> MakeReference)
{
    public List<GrainClass> Classes { get; } = [];

    /// <summary>The grain type of the class that this interface is named after: "order" for IOrderGrain.</summary>
    public string ConventionalName { get; } = NameOf(Type.Name);

    private static string NameOf(string name)
    {
        name = (name.StartsWith('I') ? name[1..] : name).ToLowerInvariant();
        return name.Length > 5 && name.EndsWith("grain", StringComparison.Ordinal) ? name[..^5] : name;
    }

    public GrainClass ClassFor(string? prefix)
    {
        if (prefix is null && Classes.Count == 1)
            return Classes[0];
        var fitting = Classes.Where(c => prefix is null || c.Type.FullName!.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        return fitting.Count switch
        {
            1 => fitting[0],
            > 1 when prefix is null && fitting.Find(c => $"I{c.Type.Name}" == Type.Name) is { } named => named, // IOrderGrain means OrderGrain
            0 => throw new ArgumentException($"No grain class{(prefix is null ? "" : $" whose name begins with '{prefix}'")} implements {Type} in the assemblies of this host."),
            _ => throw new ArgumentException($"{Type} is implemented by {string.Join(" and ", fitting.Select(c => c.Type))}: grainClassNamePrefix has to say which is meant."),
        };
    }
}
