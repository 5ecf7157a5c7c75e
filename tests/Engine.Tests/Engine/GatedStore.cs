using System.Reflection;
using Auie.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Engine.Tests.Engine;

/// <summary>A silo's own store, of which a test holds up calls or has them fail.</summary>
internal class GatedStore : DispatchProxy
{
    private static readonly MethodInfo WithResult = typeof(GatedStore).GetMethod(nameof(AfterWithResult), BindingFlags.NonPublic | BindingFlags.Static)!;

    private IEngineStore _store = null!;
    private Func<string, object?[], Task> _gate = null!;

    /// <summary>Puts a gate before the store of a silo that is about to be built.</summary>
    /// <param name="gate">Gets each call that gives a task, by name and arguments; the call goes on when its task ends, and fails with it.</param>
    public static Action<IServiceCollection> Before(Func<string, object?[], Task> gate) => services =>
    {
        var open = services.Last(service => service.ServiceType == typeof(IEngineStore)).ImplementationFactory!;
        services.AddSingleton(provider =>
        {
            var proxy = Create<IEngineStore, GatedStore>();
            ((GatedStore)(object)proxy)._store = (IEngineStore)open(provider);
            ((GatedStore)(object)proxy)._gate = gate;
            return proxy;
        });
    };

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var (method, arguments) = (targetMethod!, args ?? []);
        object? Call() => method.Invoke(_store, BindingFlags.DoNotWrapExceptions, null, arguments, null);
        if (method.ReturnType == typeof(Task))
            return After(_gate(method.Name, arguments), Call);
        return method.ReturnType.IsGenericType && method.ReturnType.GetGenericTypeDefinition() == typeof(Task<>)
            ? WithResult.MakeGenericMethod(method.ReturnType.GenericTypeArguments).Invoke(null, [_gate(method.Name, arguments), (Func<object?>)Call])
            : Call();
    }

    private static async Task After(Task gate, Func<object?> call)
    {
        await gate;
        await (Task)call()!;
    }

    private static async Task<T> AfterWithResult<T>(Task gate, Func<object?> call)
    {
        await gate;
        return await (Task<T>)call()!;
    }
}
