using Mono.Cecil;
using Mono.Cecil.Cil;

namespace GenApi.Tests.Architecture;

/// <summary>
/// What the types of an assembly use, read from its compiled code. Source text alone misses what an inferred type, a lambda, an iterator
/// or a catch clause uses. A nested type, a closure and a state machine count as the type around them. A constant leaves no trace.
/// </summary>
internal sealed class CompiledTypes
{
    private readonly SortedDictionary<string, SortedSet<string>> _uses = new(StringComparer.Ordinal);

    private CompiledTypes(string assembly)
    {
        using var module = ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
        foreach (var type in module.GetTypes().Where(type => IsOurs(type)))
            Read(type);
    }

    /// <summary>Full name of each type to the full names of the types of ours that it uses, in whatever assembly they are.</summary>
    public IReadOnlyDictionary<string, SortedSet<string>> Uses => _uses;

    public static CompiledTypes Of(string assembly) => new(assembly);

    /// <summary>The calls that types of one assembly make, each as (caller, called method).</summary>
    public static IEnumerable<(string Caller, MethodReference Called)> Calls(string assembly)
    {
        using var module = ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
        foreach (var method in module.GetTypes().Where(IsOurs).SelectMany(type => type.Methods).Where(method => method.HasBody))
        {
            foreach (var called in method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>())
                yield return (Outermost(method.DeclaringType).FullName, called);
        }
    }

    public static string NamespaceOf(string type) => type[..type.LastIndexOf('.')];

    public static string NameOf(string type) => type[(type.LastIndexOf('.') + 1)..];

    public static TypeReference Outermost(TypeReference type)
    {
        while (type.DeclaringType is { } around)
            type = around;
        return type;
    }

    /// <summary>What source generators and the compiler write into namespaces of their own is not ours, nor are migrations.</summary>
    private static bool IsOurs(TypeReference type) =>
        Outermost(type) is var outermost && outermost.Namespace.StartsWith("GenApi", StringComparison.Ordinal)
        && !outermost.Namespace.Contains("Migrations", StringComparison.Ordinal) && !outermost.Name.StartsWith('<');

    private void Read(TypeDefinition type)
    {
        var user = Plain(Outermost(type));
        if (!_uses.TryGetValue(user, out var used))
            _uses[user] = used = new SortedSet<string>(StringComparer.Ordinal);

        Add(type.BaseType);
        foreach (var one in type.Interfaces)
            Add(one.InterfaceType);
        AddConstraints(type.GenericParameters);
        foreach (var field in type.Fields)
            Add(field.FieldType);
        foreach (var method in type.Methods)
            ReadMethod(method);

        void ReadMethod(MethodDefinition method)
        {
            Add(method.ReturnType);
            AddConstraints(method.GenericParameters);
            foreach (var parameter in method.Parameters)
                Add(parameter.ParameterType);
            if (!method.HasBody)
                return;
            foreach (var local in method.Body.Variables)
                Add(local.VariableType);
            foreach (var handler in method.Body.ExceptionHandlers)
                Add(handler.CatchType);
            foreach (var instruction in method.Body.Instructions)
                AddOperand(instruction);
        }

        void AddOperand(Instruction instruction)
        {
            switch (instruction.Operand)
            {
                case TypeReference named:
                    Add(named);
                    break;
                case FieldReference field:
                    Add(field.DeclaringType);
                    break;
                case MethodReference called:
                    Add(called.DeclaringType);
                    if (called is GenericInstanceMethod generic)
                    {
                        foreach (var argument in generic.GenericArguments)
                            Add(argument);
                    }
                    break;
            }
        }

        void AddConstraints(IEnumerable<GenericParameter> parameters)
        {
            foreach (var constraint in parameters.SelectMany(parameter => parameter.Constraints))
                Add(constraint.ConstraintType);
        }

        void Add(TypeReference? reference)
        {
            if (reference is GenericInstanceType generic)
            {
                foreach (var argument in generic.GenericArguments)
                    Add(argument);
            }
            if (reference is null or GenericParameter)
                return;
            var element = reference.GetElementType();
            if (element is not GenericParameter && IsOurs(element) && Plain(Outermost(element)) is var name && name != user)
                used.Add(name);
        }
    }

    private static string Plain(TypeReference type) =>
        type.FullName.Split('`')[0];
}
