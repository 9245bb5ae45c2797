import 'data:text/javascript,for(;;);';
