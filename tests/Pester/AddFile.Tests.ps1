BeforeAll {
    . (Join-Path $PSScriptRoot 'Common.ps1')
    $node = Start-BitswapNode -Name files
    $folder = New-TemporaryFolder
    $moons = Join-Path $folder 'moons'
    'jupiter', 'saturn', '.hidden' | ForEach-Object { New-Item -ItemType Directory -Path (Join-Path $moons $_) | Out-Null }
    [IO.File]::WriteAllText((Join-Path $moons 'jupiter/europa.txt'), "Hello Europa!`n")
    [IO.File]::WriteAllText((Join-Path $moons 'saturn/titan.txt'), "Hello Titan!`n")
    [IO.File]::WriteAllText((Join-Path $moons 'mercury.txt'), "hey you are no moon!`n")
    [IO.File]::WriteAllText((Join-Path $moons '.hidden/x'), 'x')
    $hello = Join-Path $folder 'hello [1] 100%.txt'
    [IO.File]::WriteAllText($hello, 'hello world')
}

AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Add-BitswapFile' {
    It 'adds a file under the default profile and stores its block' {
        $added = Add-BitswapFile -LiteralPath $hello
        "$($added.Cid)" | Should -Be 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'
        $added | Should -BeOfType ([Bitswap.BitswapAddedFile])
        $added.Name | Should -Be 'hello [1] 100%.txt'
        $added.Path | Should -Be $hello
        $added.Type | Should -Be 'File'
        $added.Size | Should -Be 11
        $added.Node | Should -Be 'files'
        (Get-BitswapBlock $added.Cid -Local).AsString() | Should -Be 'hello world'
    }

    It 'gives what ipfs add gives under the profile of 2015, for files, folders and each parameter' {
        (Add-BitswapFile -LiteralPath $hello -Profile unixfs-v0-2015).Cid | Should -Be 'Qmf412jQZiuVUtdgnB36FXFX7xg5V6KEbSJ4dpQuhkLyfD'
        (Add-BitswapFile $moons -Recurse -Profile unixfs-v0-2015).Cid | Should -Be 'QmbGoaQZm8kjYfCiN1aBsgwhqfUBGDYTrDb91Mz7Dvq81B'
        (Add-BitswapFile -LiteralPath $hello -Profile unixfs-v0-2015 -CidVersion 1 -RawLeaves:$false).Cid | Should -Be 'bafybeihykld7uyxzogax6vgyvag42y7464eywpf55gxi5qpoisibh3c5wa'
        (Add-BitswapFile -LiteralPath $hello -Profile unixfs-v0-2015 -CidVersion 1).Cid | Should -Be 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'
        (Add-BitswapFile -LiteralPath $hello -Profile unixfs-v0-2015 -HashAlgorithm sha2-512).Cid |
            Should -Be 'bafkrgqbqt3gerhas23vuzrapkdeqf4vu2dwxp3srdj6hvg6nhsug2tgyn6mj3u23yx7utftq3i2ckw2fwdh5qmhid5qf3t35yvkc5e5ottlw6'
    }

    It 'takes what Get-ChildItem gives' {
        $added = Get-ChildItem -LiteralPath $moons -File -Recurse | Add-BitswapFile
        $added.Name | Sort-Object | Should -Be 'europa.txt', 'mercury.txt', 'titan.txt'
    }

    It 'wraps what it is given under its names, or the one that is given' {
        $wrapped = Get-ChildItem -LiteralPath $moons | Add-BitswapFile -Recurse -Wrap -Profile unixfs-v0-2015
        @($wrapped).Count | Should -Be 1
        $wrapped.Cid | Should -Be 'QmbGoaQZm8kjYfCiN1aBsgwhqfUBGDYTrDb91Mz7Dvq81B'
        $wrapped.Type | Should -Be 'Directory'
        $named = Add-BitswapFile -LiteralPath $hello -Wrap -Name a
        $named.Cid | Should -Not -Be (Add-BitswapFile -LiteralPath $hello -Wrap).Cid
        (Get-Failure { 'saturn/titan.txt', 'jupiter/europa.txt' | ForEach-Object { Join-Path $moons $_ } | Add-BitswapFile -Wrap -Name same }).FullyQualifiedErrorId | Should -BeLike 'DuplicateName*'
    }

    It 'takes hidden entries and leaves out empty folders when told to' {
        $plain = (Add-BitswapFile $moons -Recurse).Cid
        (Add-BitswapFile $moons -Recurse -Hidden).Cid | Should -Not -Be $plain
        $empty = New-Item -ItemType Directory -Path (Join-Path $moons 'empty')
        (Add-BitswapFile $moons -Recurse).Cid | Should -Not -Be $plain
        (Add-BitswapFile $moons -Recurse -SkipEmptyFolder).Cid | Should -Be $plain
        Remove-Item -LiteralPath $empty
    }

    It 'keeps modes and times, which turns raw leaves off' {
        $kept = Add-BitswapFile -LiteralPath $hello -PreserveTime
        ([Bitswap.Cid] $kept.Cid).CodecName | Should -Be 'dag-pb'
        (Get-Failure { Add-BitswapFile -LiteralPath $hello -PreserveTime -RawLeaves }).FullyQualifiedErrorId | Should -BeLike 'InvalidProfile*'
    }

    It 'keeps a time to the nanosecond, as ipfs add does' -Skip:$IsWindows {
        $file = Join-Path $folder 'timed'
        [IO.File]::WriteAllText($file, '')
        touch -d '@1603539720.000054321' $file
        (Add-BitswapFile $file -Profile unixfs-v0-2015 -PreserveTime).Cid | Should -Be 'QmaKH8H5rXBUBCX4vdxi7ktGQEL7wejV7L9rX2qpZjwncz'
    }

    It 'leaves a pipe out of a folder with an error, and adds the rest' -Skip:$IsWindows {
        $plain = (Add-BitswapFile $moons -Recurse).Cid
        $pipe = Join-Path $moons 'saturn/pipe'
        mkfifo $pipe
        try {
            foreach ($command in { Add-BitswapFile $moons -Recurse -ErrorAction SilentlyContinue -ErrorVariable script:errors },
                { Get-BitswapCid -Path $moons -Profile unixfs-v1-2025 -ErrorAction SilentlyContinue -ErrorVariable script:errors }) {
                (& $command).Cid | Should -Be $plain
                @($errors).Count | Should -Be 1
                $errors[0].FullyQualifiedErrorId | Should -BeLike 'NotAFile,*'
                $errors[0].TargetObject | Should -Be $pipe
                $errors[0].ErrorDetails.RecommendedAction | Should -Match 'The other entries of a folder are added'
            }

            (Get-Failure { Add-BitswapFile $pipe -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'NotAFile,*'
        }
        finally {
            Remove-Item -LiteralPath $pipe
        }
    }

    It 'takes the length of what was read' -Skip:(-not $IsLinux) {
        $added = Add-BitswapFile /proc/version
        $added.Size | Should -BeGreaterThan 0
        (Get-BitswapContent $added.Cid -AsString) | Should -Be ([IO.File]::ReadAllText('/proc/version'))
    }

    It 'takes <What>, and gives what the file gives' -ForEach @(
        @{ What = 'bytes one by one'; Name = 'data'; Script = { $bytes | Add-BitswapFile -Name data } }
        @{ What = 'one array of bytes'; Name = ''; Script = { , $bytes | Add-BitswapFile } }
        @{ What = 'arrays of bytes, one after the other'; Name = 'data'; Script = { Get-Content -LiteralPath $data -AsByteStream -ReadCount 1000 | Add-BitswapFile -Name data } }
        @{ What = '-InputByte'; Name = 'data'; Script = { Add-BitswapFile -InputByte $bytes -Name data } }
        @{ What = 'a stream'; Name = ''; Script = { [IO.MemoryStream]::new($bytes) | Add-BitswapFile } }
        @{ What = 'the stream of a file, which has a name'; Name = 'data.bin'; Script = { [IO.File]::OpenRead($data) | Add-BitswapFile } }
        @{ What = '-InputStream'; Name = 'data'; Script = { Add-BitswapFile -InputStream ([IO.MemoryStream]::new($bytes)) -Name data } }
    ) {
        # several chunks, and more than the pipe between the pipeline and the import holds
        $bytes = [byte[]]::new(50KB)
        [Random]::new(1).NextBytes($bytes)
        $data = Join-Path $folder 'data.bin'
        [IO.File]::WriteAllBytes($data, $bytes)
        $added = & $Script
        $added | Should -HaveCount 1
        $added.Cid | Should -Be (Add-BitswapFile $data).Cid
        $added.Name | Should -Be $Name
        $added.Size | Should -Be $bytes.Count
        Compare-Object (Get-BitswapContent $added -Raw) $bytes -SyncWindow 0 | Should -BeNullOrEmpty
    }

    It 'takes more bytes than it holds in memory at once' {
        $piece = [byte[]]::new(1MB)
        $added = & { foreach ($i in 1..8) { , $piece } } | Add-BitswapFile -Name zeros -Profile unixfs-v1-2025
        $added.Size | Should -Be 8MB
        $added.Cid | Should -Be (Add-BitswapFile -InputStream ([IO.MemoryStream]::new([byte[]]::new(8MB)))).Cid
    }

    It 'takes paths, bytes and files of one pipeline for what they are' {
        $added = [WildcardPattern]::Escape($hello), [byte] 65, (Get-Item -LiteralPath (Join-Path $moons 'mercury.txt')), [byte] 66 | Add-BitswapFile
        $added.Name | Should -Be 'hello [1] 100%.txt', 'mercury.txt', ''
        Get-BitswapContent $added[-1] -AsString | Should -Be 'AB'
    }

    It 'wraps what has no name under its CID, as ipfs add does' {
        $wrapped = [IO.MemoryStream]::new([byte[]] (1, 2)) | Add-BitswapFile -Wrap
        (Get-BitswapFile $wrapped).Name | Should -Be (Get-BitswapFile $wrapped).Cid
        (Get-BitswapFile ([byte[]] (1, 2) | Add-BitswapFile -Wrap -Name two.bin)).Name | Should -Be 'two.bin'
    }

    It 'tells of a stream that cannot be read, and of what is piped after it' {
        $closed = [IO.MemoryStream]::new()
        $closed.Dispose()
        $added = $closed, [IO.MemoryStream]::new([byte[]] (1, 2)) | Add-BitswapFile -ErrorAction SilentlyContinue -ErrorVariable failures
        $added.Size | Should -Be 2
        $failures.FullyQualifiedErrorId | Should -Be 'ReadFailed,Bitswap.Commands.AddBitswapFileCommand'
    }

    It 'takes the standard input of the process as -' {
        $script = Join-Path $folder 'add.ps1'
        Set-Content -LiteralPath $script "Import-Module '$ManifestPath'; `$null = Start-BitswapNode; (Add-BitswapFile - -Name in.txt | Select-Object Cid, Name | ConvertTo-Json -Compress)"
        $start = [Diagnostics.ProcessStartInfo]::new($PowerShellHost.FilePath)
        foreach ($argument in @($PowerShellHost.ArgumentList) + @('-NoProfile', '-File', $script)) { $start.ArgumentList.Add($argument) }
        $start.RedirectStandardInput = $start.RedirectStandardOutput = $true
        $process = [Diagnostics.Process]::Start($start)
        $process.StandardInput.BaseStream.Write([Text.Encoding]::UTF8.GetBytes('hello world'))
        $process.StandardInput.Close()
        $added = $process.StandardOutput.ReadToEnd() | ConvertFrom-Json
        $added.Cid | Should -Be (Add-BitswapFile -LiteralPath $hello).Cid
        $added.Name | Should -Be 'in.txt'

        # where the host is no console, that channel belongs to somebody else
        $shell = New-ModuleRunspace
        $null = $shell.AddScript('Add-BitswapFile - -Node files -ErrorAction SilentlyContinue; $Error[0].FullyQualifiedErrorId').Invoke() | Tee-Object -Variable said
        $shell.Runspace.Dispose()
        $said | Should -Be 'ReadFailed,Bitswap.Commands.AddBitswapFileCommand'
    }

    It 'does nothing under -WhatIf' {
        [byte[]] (1, 2, 3) | Add-BitswapFile -WhatIf | Should -BeNullOrEmpty
        [IO.MemoryStream]::new([byte[]] (1, 2, 3)) | Add-BitswapFile -WhatIf | Should -BeNullOrEmpty
        $unique = Join-Path $folder 'unique'
        [IO.File]::WriteAllText($unique, [guid]::NewGuid())
        Add-BitswapFile $unique -WhatIf | Should -BeNullOrEmpty
        Test-BitswapBlock (Get-BitswapCid -Path $unique -Profile unixfs-v1-2025).Cid | Should -BeFalse
    }

    It 'tells what is wrong with <What>' -ForEach @(
        @{ What = 'a folder without -Recurse'; Id = 'NotAFile'; Script = { Add-BitswapFile $moons -ErrorAction Stop } }
        @{ What = 'a path to nothing'; Id = 'PathNotFound'; Script = { Add-BitswapFile (Join-Path $folder 'nothing') -ErrorAction Stop } }
        @{ What = 'a chunker'; Id = 'InvalidChunker'; Script = { Add-BitswapFile -LiteralPath $hello -Chunker size-0 } }
        @{ What = 'a chunk size'; Id = 'InvalidChunker'; Script = { Add-BitswapFile -LiteralPath $hello -ChunkSize 3000000 } }
        @{ What = 'a profile'; Id = 'UnknownName'; Script = { Add-BitswapFile -LiteralPath $hello -Profile unixfs-v9 } }
        @{ What = 'a fanout'; Id = 'InvalidOption'; Script = { Add-BitswapFile -LiteralPath $hello -ShardFanout 7 } }
        @{ What = 'CIDv0 with another hash'; Id = 'InvalidProfile'; Script = { Add-BitswapFile -LiteralPath $hello -CidVersion 0 -HashAlgorithm sha2-512 } }
    ) {
        $failure = Get-Failure $Script
        $failure.FullyQualifiedErrorId | Should -BeLike "$Id*"
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'tells of a wildcard without a match, and goes on' {
        $added = Add-BitswapFile (Join-Path $moons '*.none'), (Join-Path $moons 'merc*') -ErrorAction SilentlyContinue -ErrorVariable failures
        $added.Name | Should -Be 'mercury.txt'
        $failures.FullyQualifiedErrorId | Should -Be 'PathNotFound,Bitswap.Commands.AddBitswapFileCommand'
        "$($failures[0].ErrorDetails)" | Should -Be "No file matches '$(Join-Path $moons '*.none')'."
        foreach ($command in { Get-BitswapCid -Path "$folder/*.none" -ErrorAction Stop }, { Import-BitswapCar "$folder/*.none" -ErrorAction Stop }, { Add-BitswapBlock -Path "$folder/*.none" -ErrorAction Stop }) {
            (Get-Failure $command).FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
        }
    }

    It 'goes on after a bad item' {
        $added = Add-BitswapFile (Join-Path $moons 'saturn'), (Join-Path $moons 'mercury.txt') -ErrorAction SilentlyContinue -ErrorVariable failures
        $added.Name | Should -Be 'mercury.txt'
        $failures.Count | Should -Be 1
    }

    It 'stops in the middle of its work and leaves a store that is whole' {
        $big = Join-Path $folder 'big'
        $piece = [byte[]]::new(64MB)
        $stream = [IO.File]::Create($big)
        1..2 | ForEach-Object {
            [Security.Cryptography.RandomNumberGenerator]::Fill($piece)
            $stream.Write($piece)
        }

        # zeros, which are one block however many they are: seconds of work that fill no disk, so that it is not done before it is stopped
        $stream.SetLength(4GB)
        $stream.Dispose()
        $repository = Join-Path $folder 'repository'
        $shell = [powershell]::Create()
        $shell.AddScript("Import-Module '$ManifestPath'; `$n = Start-BitswapNode -Path '$repository'; Add-BitswapFile '$big' -HashAlgorithm sha3-512 -Node `$n").AddScript('Stop-BitswapNode $n') | Out-Null
        $running = $shell.BeginInvoke()
        try {
            Wait-Until { Test-Path (Join-Path $repository 'blocks/*/*.data') } -Seconds 240
            Stop-Shell $shell
            { $shell.EndInvoke($running) } | Should -Throw
        }
        finally {
            $shell.Dispose()
            Get-BitswapNode | Where-Object Path -EQ $repository | Stop-BitswapNode -Force
        }

        # a write that was under way ends by itself
        Wait-Until { -not (Get-ChildItem (Join-Path $repository 'blocks') -Recurse -File -Force | Where-Object Name -NotIn 'SHARDING', '_README' | Where-Object Extension -NE '.data') }
        $disk = Start-BitswapNode -Name disk -Path $repository
        $stored = @(Get-BitswapBlock -Local -Node $disk)
        $stored.Count | Should -BeGreaterThan 50
        $stored.Count | Should -BeLessThan 256
        ($stored | Select-Object -First 20 | Get-BitswapBlock -Local -Node $disk).Count | Should -Be 20
        Stop-BitswapNode $disk
        Remove-Item -LiteralPath $big
    }

    It 'serves a folder to another node' {
        $added = Add-BitswapFile $moons -Recurse -ChunkSize 5 -MaxLinks 2
        $other = Start-BitswapNode
        Connect-BitswapPeer $node -Node $other | Out-Null
        (Get-BitswapBlock $added.Cid -Node $other -TimeoutSeconds 10).Size | Should -BeGreaterThan 0
        Stop-BitswapNode $other
    }

    It 'gives a folder that another node saves byte for byte' {
        $tree = Join-Path $folder 'tree'
        foreach ($name in 'empty', 'one/exact', 'one/more', 'two/100% [x] café') {
            $path = Join-Path $tree $name
            $null = New-Item -ItemType Directory -Force -Path (Split-Path $path)
            $bytes = [byte[]]::new(@{ 'empty' = 0; 'one/exact' = 1MB; 'one/more' = 3MB + 1 }[$name] ?? 11)
            [Random]::new($bytes.Length).NextBytes($bytes)
            [IO.File]::WriteAllBytes($path, $bytes)
        }

        $other = Start-BitswapNode
        $null = Connect-BitswapPeer $node -Node $other
        $target = (New-Item -ItemType Directory -Path (Join-Path $folder 'saved')).FullName
        $added = Add-BitswapFile $tree -Recurse -Node $node
        Save-BitswapFile $added.Cid -Destination $target -Name tree -Node $other -TimeoutSeconds 30
        $hashes = foreach ($root in $tree, (Join-Path $target 'tree')) {
            , @(Get-ChildItem -LiteralPath $root -Recurse -File | Sort-Object FullName | ForEach-Object { [IO.Path]::GetRelativePath($root, $_.FullName) + ' ' + (Get-FileHash -LiteralPath $_.FullName).Hash })
        }
        $hashes[0].Count | Should -Be 4
        $hashes[1] | Should -Be $hashes[0]
        (Get-BitswapCid -Path (Join-Path $target 'tree') -Profile unixfs-v1-2025).Cid | Should -Be $added.Cid
        Stop-BitswapNode $other
    }

    It 'completes profiles and chunkers' {
        (TabExpansion2 'Add-BitswapFile x -Profile ' 27).CompletionMatches.CompletionText | Should -Be 'unixfs-v1-2025', 'unixfs-v0-2015'
        (TabExpansion2 'Add-BitswapFile x -Chunker r' 28).CompletionMatches.CompletionText | Should -Contain 'rabin'
    }

    It 'shows a table that fits' {
        $lines = (Add-BitswapFile $moons -Recurse | Out-String -Width 100).Trim() -split "`r?`n"
        $lines[0] | Should -Match 'Cid +Type +Size +Name'
        $lines[-1] | Should -Match 'Directory .*moons$'
    }
}

Describe 'An empty array' {
    It 'is an error that says what to give, where it is piped or named as a path: <Name>' -ForEach @(
        @{ Name = 'bytes'; Add = { , [byte[]] @() | Add-BitswapFile -Name empty -Node $node } }
        @{ Name = 'objects'; Add = { , @() | Add-BitswapFile -Node $node } }
        @{ Name = 'paths'; Add = { Add-BitswapFile -Path @() -Node $node } }
    ) {
        $node = Start-BitswapNode
        $failure = Get-Failure $Add
        $failure.FullyQualifiedErrorId | Should -Be 'PathNotFound,Bitswap.Commands.AddBitswapFileCommand'
        "$failure" | Should -Be 'The list of paths is empty.'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*-InputByte*'
        $node | Stop-BitswapNode
    }

    It 'of bytes is an empty file by its name' {
        $node = Start-BitswapNode
        (Add-BitswapFile -InputByte ([byte[]] @()) -Name empty -Node $node).Size | Should -Be 0
        $node | Stop-BitswapNode
    }
}

Describe 'Get-BitswapCid -Profile' {
    It 'gives what Add-BitswapFile gives, without storing' {
        (Get-BitswapCid -Path $moons -Profile unixfs-v0-2015).Cid | Should -Be 'QmbGoaQZm8kjYfCiN1aBsgwhqfUBGDYTrDb91Mz7Dvq81B'
        $info = Get-BitswapCid -LiteralPath $hello -Profile unixfs-v1-2025
        $info.Cid | Should -Be 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'
        $info.Size | Should -Be 11
        (Get-BitswapCid -LiteralPath $hello -Profile unixfs-v0-2015 -Version 1).Cid | Should -Be 'bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e'
    }

    It 'tells what is wrong' {
        (Get-Failure { Get-BitswapCid -LiteralPath $hello -Profile nothing }).FullyQualifiedErrorId | Should -BeLike 'UnknownName*'
        (Get-Failure { Get-BitswapCid -LiteralPath $hello -Profile unixfs-v1-2025 -Codec raw }).FullyQualifiedErrorId | Should -BeLike 'InvalidOption*'
        (Get-Failure { Get-BitswapCid -Path (Join-Path $folder nothing) -Profile unixfs-v1-2025 -ErrorAction Stop }).FullyQualifiedErrorId | Should -BeLike 'PathNotFound*'
    }
}
