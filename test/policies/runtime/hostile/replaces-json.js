JSON.stringify = () => '{}';
